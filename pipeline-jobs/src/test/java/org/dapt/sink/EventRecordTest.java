package org.dapt.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class EventRecordTest {
  @Test
  void theMaskedChecksumIsThatOfTheSpecification() {
    // 0xe3069283 is the published check value of CRC-32C.
    assertThat(EventRecord.masked("123456789".getBytes(US_ASCII))).isEqualTo(0xc78ab0e5);
  }

  @Test
  void theFirstRecordIsTheOneThatEventFilesBeginWith() {
    byte[] record = EventRecord.version(1.0);
    // The length 24 with its checksum, as every event file starts.
    assertThat(hex(record, 0, 12)).isEqualTo("1800000000000000a37f4b22");
    assertThat(hex(record, 12, 36))
        .isEqualTo("09000000000000f03f1a0d" + hex("brain.Event:2".getBytes(US_ASCII)));
    assertThat(record).hasSize(8 + 4 + 24 + 4);
  }

  @Test
  void aScalarIsAnEventWithOneSummaryValue() {
    byte[] record = EventRecord.scalar(1.0, 300, "loss/a", 0.5);
    assertThat(hex(record, 12, record.length - 4))
        .isEqualTo(
            "09000000000000f03f" // wall_time 1.0
                + "10ac02" // step 300
                + "2a0f" // summary
                + "0a0d" // value
                + "0a06"
                + hex("loss/a".getBytes(US_ASCII)) // tag
                + "150000003f"); // simple_value 0.5
  }

  @Test
  void recordsAreFoundAgain() throws IOException {
    DataInputStream in =
        stream(
            EventRecord.version(2.0),
            EventRecord.scalar(2.0, 7, "loss/größe", 1),
            EventRecord.scalar(2.0, 1 << 30, "x".repeat(300), -1));
    assertThat(EventRecord.place(EventRecord.read(in))).isNull();
    assertThat(EventRecord.place(EventRecord.read(in)))
        .isEqualTo(new EventRecord.Place("loss/größe", 7));
    assertThat(EventRecord.place(EventRecord.read(in)))
        .isEqualTo(new EventRecord.Place("x".repeat(300), 1 << 30));
    assertThat(EventRecord.read(in)).isNull();
  }

  @Test
  void whatAKilledProcessLeftIsTheEnd() throws IOException {
    byte[] record = EventRecord.scalar(1.0, 3, "a", 1);
    for (int length = 0; length < record.length; length++) {
      assertThat(EventRecord.read(stream(Arrays.copyOf(record, length)))).isNull();
    }
  }

  @Test
  void aChangedByteIsDamage() {
    byte[] record = EventRecord.scalar(1.0, 3, "a", 1);
    for (int at = 0; at < record.length; at++) {
      byte[] changed = record.clone();
      changed[at] ^= 4;
      assertThatThrownBy(() -> EventRecord.read(stream(changed)))
          .as("byte %d", at)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("checksum");
    }
  }

  private static DataInputStream stream(byte[]... records) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (byte[] record : records) {
      all.writeBytes(record);
    }
    return new DataInputStream(new ByteArrayInputStream(all.toByteArray()));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String hex(byte[] bytes, int from, int to) {
    return HexFormat.of().formatHex(bytes, from, to);
  }
}
