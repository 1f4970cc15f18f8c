package org.dapt.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files written by the reference implementation, and our own, survive reading and writing. */
class SafetensorsRoundTripTest {
  @TempDir Path folder;

  static List<Path> referenceFiles() throws IOException {
    try (Stream<Path> files = Files.walk(Fixtures.root())) {
      return files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("referenceFiles")
  void writesWhatItReadByteForByte(Path file) throws IOException {
    byte[] original = Files.readAllBytes(file);
    try (SafetensorsFile mapped = SafetensorsFile.open(file);
        SafetensorsFile parsed = SafetensorsFile.parse(original, "memory")) {
      assertThat(mapped.names()).isNotEmpty().isEqualTo(parsed.names());
      for (String name : mapped.names()) {
        assertThat(mapped.info(name)).isEqualTo(parsed.info(name));
        assertThat(mapped.data(name)).isEqualTo(parsed.data(name));
      }
      assertThat(copyOf(mapped).toBytes()).isEqualTo(original);
    }
  }

  @Test
  void keepsEveryTypeShapeAndMetadata() throws IOException {
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata(Map.of("task", "größe \"1\"", "", "\n"));
    for (Dtype dtype : Dtype.values()) {
      byte[] bytes = new byte[6 * dtype.bytes()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (dtype.name().hashCode() + i);
      }
      writer.add("t." + dtype, dtype, new long[] {2, 3}, ByteBuffer.wrap(bytes));
    }
    writer.add("scalar", Dtype.F32, new long[0], floats(1.5f));
    writer.add("empty", Dtype.I64, new long[] {3, 0}, ByteBuffer.allocate(0));
    Path file = folder.resolve("all.safetensors");
    Files.write(file, writer.toBytes());

    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.metadata()).isEqualTo(Map.of("task", "größe \"1\"", "", "\n"));
      assertThat(read.names()).hasSize(Dtype.values().length + 2).contains("t.BF16");
      assertThat(read.info("t.I16").dtype()).isEqualTo(Dtype.I16);
      assertThat(read.info("t.I16").shape()).containsExactly(2, 3);
      assertThat(read.data("t.I16").get(1)).isEqualTo((byte) ("I16".hashCode() + 1));
      assertThat(read.info("scalar").elements()).isEqualTo(1);
      assertThat(read.data("scalar").getFloat()).isEqualTo(1.5f);
      assertThat(read.info("empty").elements()).isZero();
      assertThat(read.data("empty").hasRemaining()).isFalse();
      assertThat(copyOf(read).toBytes()).isEqualTo(Files.readAllBytes(file));
      for (String name : read.names()) {
        assertThat(read.info(name).begin() % read.info(name).dtype().bytes()).as(name).isZero();
      }
    }
  }

  @Test
  void bytesDoNotDependOnTheOrderOfTheCalls() {
    byte[] one =
        new SafetensorsWriter()
            .add("a", Dtype.F32, shape(1), floats(1))
            .add("b", Dtype.F32, shape(2), floats(2, 3))
            .toBytes();
    byte[] other =
        new SafetensorsWriter()
            .add("b", Dtype.F32, shape(2), floats(2, 3))
            .add("a", Dtype.F32, shape(1), floats(1))
            .toBytes();
    assertThat(one).isEqualTo(other);
    long header = ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(header % 8).isZero();
    assertThat(new String(one, 8, (int) header, StandardCharsets.UTF_8))
        .startsWith(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}");
  }

  @Test
  void readsTensorsBeyondTwoGigabytes() throws IOException {
    long large = 3_000_000_000L;
    String header =
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(large / 4, large);
    Path file = folder.resolve("larger.safetensors");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.writeLong(Long.reverseBytes(header.length()));
      sparse.writeBytes(header);
      sparse.seek(8 + header.length() + large - 1);
      sparse.write(0x42);
    }
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      ByteBuffer last = ByteBuffer.allocate(3);
      read.read("x", large - 3, last);
      assertThat(last.array()).containsExactly(0, 0, 0x42);
      assertThatThrownBy(() -> read.read("x", large - 2, last.clear()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> read.data("x")).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void readsTheFileThatWasOpenedWhateverTakesItsName() throws IOException {
    Path file = folder.resolve("replaced.safetensors");
    Files.write(file, new SafetensorsWriter().add("x", Dtype.F32, shape(1), floats(1)).toBytes());
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      Path other = folder.resolve("other.safetensors");
      Files.write(
          other, new SafetensorsWriter().add("x", Dtype.F32, shape(1), floats(2)).toBytes());
      Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
      assertThat(read.data("x").getFloat()).isEqualTo(1);
    }
  }

  @Test
  void aFileThatIsCutShortIsNamed() throws IOException {
    Path file = folder.resolve("short.safetensors");
    byte[] content = new SafetensorsWriter().add("x", Dtype.F32, shape(1), floats(1)).toBytes();
    Files.write(file, content);
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      Files.write(file, Arrays.copyOf(content, content.length - 1));
      assertThatThrownBy(() -> read.data("x"))
          .isInstanceOf(InputException.class)
          .hasMessageContainingAll(file.toString(), "became shorter");
    }
  }

  @Test
  void anInterruptedThreadReadsOnAndClosesNothing() throws IOException {
    Path file = folder.resolve("interrupted.safetensors");
    Files.write(file, new SafetensorsWriter().add("x", Dtype.F32, shape(1), floats(3)).toBytes());
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      Thread.currentThread().interrupt();
      assertThat(read.data("x").getFloat()).isEqualTo(3);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(read.data("x").getFloat()).isEqualTo(3);
    }
  }

  @Test
  void aHeaderIsReadWithoutTheData() throws IOException {
    byte[] content =
        new SafetensorsWriter()
            .add("x", Dtype.F32, new long[] {2}, floats(1, 2))
            .metadata(Map.of("format", "pt"))
            .toBytes();
    // Nothing lies behind the header here.
    byte[] beginning = Arrays.copyOf(content, content.length - 8);
    try (SafetensorsFile header =
        SafetensorsFile.header(new ByteArrayInputStream(beginning), content.length, "remote")) {
      assertThat(header.info("x").shape()).containsExactly(2);
      assertThat(header.metadata()).containsEntry("format", "pt");
      assertThatThrownBy(() -> header.data("x"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("remote");
    }
    assertThatThrownBy(
            () ->
                SafetensorsFile.header(
                    new ByteArrayInputStream(beginning), beginning.length, "remote"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("truncated");
  }

  @Test
  void readsBehindTheFirstTwoGigabytes() throws IOException {
    long large = 1_500_000_000;
    String header = "";
    for (int i = 0; i < 2; i++) {
      header +=
          "\"%d\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]},"
              .formatted(i, large, i * large, (i + 1) * large);
    }
    header =
        "{"
            + header
            + "\"last\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[%d,%d]}}"
                .formatted(2 * large, 2 * large + 3);
    Path file = folder.resolve("large.safetensors");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.writeLong(Long.reverseBytes(header.length()));
      sparse.writeBytes(header);
      sparse.seek(8 + header.length() + 2 * large - 1);
      sparse.write(new byte[] {1, 2, 3, 4});
    }
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      ByteBuffer end = ByteBuffer.allocate(1);
      read.read("1", large - 1, end);
      assertThat(end.array()).containsExactly(1);
      assertThat(read.data("last")).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3, 4}));
    }
  }

  @Test
  void anEmptyFileHasNoTensors() {
    try (SafetensorsFile file = SafetensorsFile.parse(new SafetensorsWriter().toBytes(), "empty")) {
      assertThat(file.names()).isEmpty();
      assertThat(file.metadata()).isEmpty();
    }
  }

  @Test
  void writesFromThePositionAndLeavesTheBufferAlone() {
    ByteBuffer data = floats(7, 8, 9).position(4);
    byte[] bytes = new SafetensorsWriter().add("x", Dtype.F32, shape(2), data).toBytes();
    assertThat(data.position()).isEqualTo(4);
    try (SafetensorsFile file = SafetensorsFile.parse(bytes, "x")) {
      assertThat(file.data("x")).isEqualTo(floats(8, 9));
    }
  }

  @Test
  void handsOutReadOnlyIndependentBuffers() {
    byte[] bytes = new SafetensorsWriter().add("x", Dtype.F32, shape(2), floats(8, 9)).toBytes();
    SafetensorsFile file = SafetensorsFile.parse(bytes, "origin");
    ByteBuffer first = file.data("x");
    assertThat(first.getFloat()).isEqualTo(8f);
    assertThat(file.data("x").position()).isZero();
    assertThatThrownBy(() -> first.putInt(0, 1)).isInstanceOf(ReadOnlyBufferException.class);
    file.close();
    assertThatThrownBy(() -> file.data("x")).isInstanceOf(IllegalStateException.class);
    assertThat(first.getFloat()).isEqualTo(9f);
  }

  @Test
  void infoCannotBeChangedThroughItsShape() {
    long[] shape = {2};
    TensorInfo info = new TensorInfo("x", Dtype.F32, shape, 0, 8);
    shape[0] = 3;
    info.shape()[0] = 4;
    assertThat(info)
        .isEqualTo(new TensorInfo("x", Dtype.F32, shape(2), 0, 8))
        .hasSameHashCodeAs(new TensorInfo("x", Dtype.F32, shape(2), 0, 8));
    assertThat(info).isNotEqualTo(new TensorInfo("x", Dtype.F32, new long[] {1, 2}, 0, 8));
  }

  @Test
  void refusesEntriesThatNoReaderWouldAccept() {
    SafetensorsWriter writer = new SafetensorsWriter().add("x", Dtype.F32, shape(1), floats(1));
    assertThatThrownBy(() -> writer.add("x", Dtype.F32, shape(1), floats(1)))
        .hasMessageContaining("already");
    assertThatThrownBy(() -> writer.add("y", Dtype.F32, shape(3), floats(1, 2)))
        .hasMessageContaining("12 bytes");
    assertThatThrownBy(() -> writer.add("y", Dtype.F32, shape(-1), floats()))
        .hasMessageContaining("negative");
    assertThatThrownBy(() -> writer.add("__metadata__", Dtype.F32, shape(1), floats(1)))
        .hasMessageContaining("named");
    assertThatThrownBy(() -> writer.add("\ud800", Dtype.F32, shape(1), floats(1)))
        .hasMessageContaining("named");
    assertThatThrownBy(() -> writer.metadata(Map.of("a", "\udc00")))
        .hasMessageContaining("Unicode");
  }

  @Test
  void namesAMissingFileAndAMissingTensor() {
    assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none.safetensors")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("none.safetensors does not exist");
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not a file");
    SafetensorsFile file = SafetensorsFile.parse(new SafetensorsWriter().toBytes(), "some origin");
    assertThatThrownBy(() -> file.data("w"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("some origin has no tensor \"w\"");
  }

  private static SafetensorsWriter copyOf(SafetensorsFile file) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata(file.metadata());
    for (String name : file.names()) {
      TensorInfo info = file.info(name);
      writer.add(name, info.dtype(), info.shape(), file.data(name));
    }
    return writer;
  }

  private static long[] shape(long... dimensions) {
    return dimensions;
  }

  private static ByteBuffer floats(float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return buffer.flip();
  }
}
