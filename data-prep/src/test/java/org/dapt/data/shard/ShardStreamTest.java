package org.dapt.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.data.shard.TaskManifest.Shard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShardStreamTest {
  private static final int ROWS = 1000;
  private static final int WINDOW = 64;

  @TempDir private Path folder;

  private final Configuration hadoop = new Configuration();
  private Shard shard;

  private enum Mode {
    MEMORY,
    FILE
  }

  @BeforeEach
  void write() throws IOException {
    var file = new org.apache.hadoop.fs.Path(folder.resolve("shard.parquet").toUri());
    try (var writer = ExampleWriter.create(hadoop, file, 4 << 10)) {
      for (var i = 0; i < ROWS; i++) {
        writer.write(
            new TokenisedExample(
                i, "n" + i, "i", List.of("r"), new int[] {i, i + 1, 1}, new int[] {i, 1}));
      }
    }
    var bytes = Files.size(folder.resolve("shard.parquet"));
    shard = new Shard(3, "shard.parquet", ROWS, bytes, "");
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void everyEpochIsAnotherPermutation(Mode mode) {
    try (var stream = stream(mode, 42, "task", 3)) {
      var epochs = Stream.generate(() -> take(stream, ROWS)).limit(3).toList();
      assertThat(epochs)
          .allSatisfy(
              epoch ->
                  assertThat(epoch)
                      .containsExactlyInAnyOrderElementsOf(
                          LongStream.range(0, ROWS).boxed().toList()))
          .doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void seedTaskAndShardDecideTheOrder(Mode mode) {
    var orders =
        Stream.of(
                stream(mode, 42, "task", 3),
                stream(mode, 43, "task", 3),
                stream(mode, 42, "other", 3),
                stream(mode, 42, "task", 4))
            .map(stream -> take(stream, 2 * ROWS))
            .toList();
    assertThat(orders).doesNotHaveDuplicates();
    assertThat(take(stream(mode, 42, "task", 3), 2 * ROWS)).isEqualTo(orders.get(0));
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aSoughtPositionGoesOnAsTheStreamDid(Mode mode) {
    try (var stream = stream(mode, 7, "task", 3);
        var other = stream(mode, 7, "task", 3)) {
      var all = take(stream, 4 * ROWS);
      assertThat(stream.position()).isEqualTo(4 * ROWS);
      for (int position : List.of(0, 1, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS + 517, 17)) {
        other.seek(position);
        assertThat(other.position()).isEqualTo(position);
        assertThat(take(other, ROWS)).isEqualTo(all.subList(position, position + ROWS));
      }
      assertThatThrownBy(() -> other.seek(-1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void rowsComeWithTheirIds() {
    try (var stream = stream(Mode.FILE, 1, "task", 3)) {
      var row = stream.next();
      var i = (int) row.index();
      assertThat(row)
          .isEqualTo(
              new TokenisedExample(
                  i, "n" + i, "", List.of(), new int[] {i, i + 1, 1}, new int[] {i, 1}));
    }
  }

  @Test
  void onlyTheWindowIsReadAhead() throws IOException {
    var file = new org.apache.hadoop.fs.Path(hadoopFolder(), "large.parquet");
    var rows = 40_000;
    var random = new java.util.Random(1);
    try (var writer = ExampleWriter.create(hadoop, file, 64 << 10)) {
      for (var i = 0; i < rows; i++) {
        writer.write(
            new TokenisedExample(
                i, "", "", List.of(), random.ints(30).toArray(), new int[] {i, 1}));
      }
    }
    var bytes = Files.size(folder.resolve("large.parquet"));
    var large = new Shard(0, "large.parquet", rows, bytes, "");
    try (var reader = ShardReader.open(hadoop, hadoopFolder(), large, Projection.TRAINING);
        var stream = new ShardStream(new FileRows(reader, 1000), 1, "task", 0)) {
      var groups = reader.rowGroups();
      assertThat(groups).isGreaterThan(20);
      var before = bytesRead();
      take(stream, 100);
      // At most the window and one row group beyond it.
      var share = 1100.0 / rows + 2.0 / groups;
      assertThat(bytesRead() - before).isPositive().isLessThan((long) (bytes * share));
      take(stream, rows - 100);
      assertThat(bytesRead() - before).isGreaterThan(bytes / 2);
    }
  }

  private static long bytesRead() {
    return FileSystem.getGlobalStorageStatistics().get("file").getLong("bytesRead");
  }

  @Test
  void theWindowMixesRowGroups() {
    try (var reader = ShardReader.open(hadoop, hadoopFolder(), shard, Projection.TRAINING);
        var stream = stream(Mode.FILE, 1, "task", 3)) {
      assertThat(reader.rowGroups()).isGreaterThan(3);
      // Neighbours in the stream are no neighbours in the file.
      var order = take(stream, ROWS);
      var neighbours =
          LongStream.range(1, ROWS)
              .filter(i -> order.get((int) i) == order.get((int) i - 1) + 1)
              .count();
      assertThat(neighbours).isLessThan(ROWS / 10);
    }
  }

  private ShardStream stream(Mode mode, long seed, String task, int number) {
    var reader = ShardReader.open(hadoop, hadoopFolder(), shard, Projection.TRAINING);
    var rows = mode == Mode.FILE ? new FileRows(reader, WINDOW) : new MemoryRows(reader.readAll());
    return new ShardStream(rows, seed, task, number);
  }

  private org.apache.hadoop.fs.Path hadoopFolder() {
    return new org.apache.hadoop.fs.Path(folder.toUri());
  }

  private static List<Long> take(ShardStream stream, int count) {
    return Stream.generate(stream::next).limit(count).map(TokenisedExample::index).toList();
  }
}
