package org.dapt.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageTypeParser;
import org.dapt.data.file.FileDigest;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardReaderTest {
  private static final String FILE = "train/shard-00000.parquet";

  @TempDir private Path folder;

  private final Configuration hadoop = new Configuration();

  private final List<TokenisedExample> rows =
      IntStream.range(0, 300)
          .mapToObj(
              i ->
                  new TokenisedExample(
                      8L * i,
                      "id-" + i,
                      i == 5 ? "" : "Grüße, \uD83D\uDE00 " + i,
                      i % 2 == 0 ? List.of("a") : List.of("b", "", "ß" + i),
                      IntStream.range(0, i % 90).map(j -> j * i).toArray(),
                      i == 7 ? new int[0] : new int[] {i, 1}))
          .toList();

  @Test
  void rowsComeBackAsTheyWereWritten() throws IOException {
    var shard = write(rows, 8 << 10);
    try (var reader = open(shard, Projection.ALL)) {
      assertThat(reader.rows()).isEqualTo(300);
      assertThat(reader.rowGroups()).isGreaterThan(1);
      assertThat(reader.readAll()).isEqualTo(rows);
      var last = reader.readRowGroup(reader.rowGroups() - 1);
      assertThat(last).isEqualTo(rows.subList(300 - last.size(), 300));
    }
  }

  @Test
  void trainingReadsNoTexts() throws IOException {
    var shard = write(rows, 8 << 10);
    try (var reader = open(shard, Projection.TRAINING)) {
      var expected =
          rows.stream()
              .map(
                  row ->
                      new TokenisedExample(
                          row.index(), row.id(), "", List.of(), row.sourceIds(), row.targetIds()))
              .toList();
      assertThat(reader.readAll()).isEqualTo(expected);
    }
  }

  @Test
  void aShardMayBeEmpty() throws IOException {
    var shard = write(List.of(), 8 << 10);
    try (var reader = open(shard, Projection.ALL)) {
      assertThat(reader.readAll()).isEmpty();
    }
  }

  @Test
  void equalRowsGiveEqualBytes() throws IOException {
    write(rows, 8 << 10);
    var first = Files.readAllBytes(folder.resolve(FILE));
    write(rows, 8 << 10);
    assertThat(Files.readAllBytes(folder.resolve(FILE))).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.001, 0.3, 0.9, 0.999})
  void aTruncatedFileIsNamed(double part) throws IOException {
    var shard = write(rows, 8 << 10);
    var content = Files.readAllBytes(folder.resolve(FILE));
    replace(Arrays.copyOf(content, (int) (content.length * part)));
    assertUnusable(shard, "bytes, the manifest says " + content.length);
    // Even where the manifest agrees on the size.
    assertUnusable(new Shard(0, FILE, 300, (int) (content.length * part), ""), "");
  }

  @Test
  void everyDamagedPageIsNoticed() throws IOException {
    var shard = write(rows, 8 << 10);
    var content = Files.readAllBytes(folder.resolve(FILE));
    var noticed = 0;
    // Every byte of the footer, and now and then one of the pages.
    for (var at = 4; at < content.length; at += at < content.length - 6000 ? 997 : 3) {
      var damaged = content.clone();
      damaged[at] ^= 0x55;
      replace(damaged);
      try (var reader = open(shard, Projection.ALL)) {
        // Parts of the footer, such as column statistics, do not take part in reading.
        assertThat(reader.readAll()).isEqualTo(rows);
      } catch (InputException e) {
        assertThat(e).hasMessageContaining("Delete the task's folder").hasMessageContaining(FILE);
        noticed++;
      }
    }
    assertThat(noticed).isPositive();
  }

  @Test
  void anotherNumberOfRowsThanTheManifestSaysIsNamed() throws IOException {
    var shard = write(rows, 8 << 10);
    assertUnusable(
        new Shard(0, FILE, 299, shard.bytes(), ""), "it has 300 rows, the manifest says 299");
  }

  @Test
  void aFileOfAnotherKindIsNamed() throws IOException {
    var shard = write(rows, 8 << 10);
    replace(new byte[(int) shard.bytes()]);
    assertUnusable(shard, "is not a Parquet file");
  }

  @Test
  void otherColumnsAreNamed() throws IOException {
    var file = new org.apache.hadoop.fs.Path(hadoopFolder(), FILE);
    var schema =
        MessageTypeParser.parseMessageType("message example { required binary id (UTF8); }");
    try (var writer = ExampleParquetWriter.builder(file).withType(schema).build()) {
      writer.write(new SimpleGroupFactory(schema).newGroup().append("id", "x"));
    }
    assertUnusable(
        new Shard(0, FILE, 1, Files.size(folder.resolve(FILE)), ""), "the column index is missing");
  }

  @Test
  void aMissingFileIsNamed() {
    assertUnusable(new Shard(0, FILE, 1, 1, ""), "it does not exist");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, Integer.MAX_VALUE})
  void aFileSystemThatFailsForAWhileIsNoDamage(int lost) throws IOException {
    var shard = write(rows, 8 << 10);
    var remote = LostConnections.configuration();
    var there = new org.apache.hadoop.fs.Path("lost://" + folder);
    assertThatThrownBy(
            () -> {
              LostConnections.lost = lost;
              ShardReader.open(remote, there, shard, Projection.ALL).close();
            })
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(FILE + " cannot be read now: ")
        .hasRootCauseMessage("Connection reset");
    LostConnections.lost = 0;
    try (var reader = ShardReader.open(remote, there, shard, Projection.ALL)) {
      LostConnections.lost = lost;
      assertThatThrownBy(() -> reader.readRowGroup(1))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("row group 1: ")
          .hasRootCauseMessage("Connection reset");
      LostConnections.lost = 0;
      assertThat(reader.readAll()).isEqualTo(rows);
    }
  }

  private void assertUnusable(Shard shard, String found) {
    assertThatThrownBy(
            () -> {
              try (var reader = open(shard, Projection.ALL)) {
                reader.readAll();
              }
            })
        .isInstanceOf(InputException.class)
        .hasMessageContaining(FILE + " cannot be used: ")
        .hasMessageContaining(found)
        .hasMessageContaining(" and run prepare again");
  }

  private Shard write(List<TokenisedExample> content, int rowGroupBytes) throws IOException {
    Files.deleteIfExists(folder.resolve(FILE));
    var file = new org.apache.hadoop.fs.Path(hadoopFolder(), FILE);
    try (var writer = ExampleWriter.create(hadoop, file, rowGroupBytes)) {
      for (var row : content) {
        writer.write(row);
      }
    }
    return new Shard(0, FILE, content.size(), Files.size(folder.resolve(FILE)), sha256());
  }

  private String sha256() throws IOException {
    return FileDigest.sha256(
        hadoopFolder().getFileSystem(hadoop), new org.apache.hadoop.fs.Path(hadoopFolder(), FILE));
  }

  private void replace(byte[] content) throws IOException {
    // Without the side file of Hadoop's local file system, as on a file system that has no
    // checksums of its own.
    Files.deleteIfExists(folder.resolve("train/.shard-00000.parquet.crc"));
    Files.write(folder.resolve(FILE), content);
  }

  private ShardReader open(Shard shard, Projection projection) {
    return ShardReader.open(hadoop, hadoopFolder(), shard, projection);
  }

  private org.apache.hadoop.fs.Path hadoopFolder() {
    return new org.apache.hadoop.fs.Path(folder.toUri());
  }
}
