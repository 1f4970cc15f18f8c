package org.dapt.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.app.TaskFiles;
import org.dapt.app.TestRun;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardStream;
import org.dapt.method.Example;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that are learnt together, with four shards: 10, 40 and 3 examples. */
class JoinedShardTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    TaskFiles.write(folder.resolve("tasks"), "colour", 10);
    TaskFiles.write(folder.resolve("tasks"), "order", 40);
    TaskFiles.write(folder.resolve("tasks"), "length", 8);
    TestRun run = TestRun.in(folder, List.of("colour", "order", "length"));
    TestRun.Ended ended = run.with("tasks.overrides.length.max-train=3").run("prepare");
    assertThat(ended.code()).as(ended.err()).isZero();
  }

  @Test
  void everyRoundHasEachRowOnce() throws IOException {
    List<List<String>> tasks = new ArrayList<>();
    for (int shard = 0; shard < 4; shard++) {
      int size = rows(10, shard) + rows(40, shard) + rows(3, shard);
      try (JoinedShard joined = JoinedShard.open(parts("colour", "order", "length"), shard, 7)) {
        List<String> first = names(joined, size);
        List<String> second = names(joined, size);
        assertThat(first).doesNotHaveDuplicates();
        assertThat(second).containsExactlyInAnyOrderElementsOf(first).isNotEqualTo(first);
        tasks.add(first.stream().map(JoinedShardTest::task).toList());
      }
    }
    // The order of tasks is drawn, for each shard apart.
    assertThat(tasks).doesNotHaveDuplicates();
    assertThat(tasks).allMatch(order -> !order.equals(order.stream().sorted().toList()));
  }

  @Test
  void goesOnFromAnyPlaceAsIfItHadComeThere() throws IOException {
    List<ShardData.Part> parts = parts("colour", "order", "length");
    try (JoinedShard whole = JoinedShard.open(parts, 1, 7)) {
      List<String> names = names(whole, 60);
      for (int taken : new int[] {0, 1, 13, 14, 29, 47}) {
        try (JoinedShard joined = JoinedShard.open(parts, 1, 7)) {
          joined.seek(taken);
          assertThat(names(joined, 60 - taken)).isEqualTo(names.subList(taken, 60));
        }
      }
    }
  }

  /** As {@link org.dapt.data.shard.ShardStream} has it. */
  @Test
  void aTaskAloneComesInItsOwnOrder() throws IOException {
    List<ShardData.Part> parts = parts("order");
    try (JoinedShard joined = JoinedShard.open(parts, 2, 7);
        ShardStream stream = parts.get(0).data().stream(Split.TRAIN, 2, 7)) {
      for (String name : names(joined, 35)) {
        assertThat(name).isEqualTo("order/" + stream.next().index());
      }
    }
  }

  @Test
  void whereAShardIsEmptyEverywhereAnotherTakesItsPlace() throws IOException {
    try (JoinedShard joined = JoinedShard.open(parts("length", "length"), 3, 7)) {
      assertThat(names(joined, 3)).hasSize(3);
    }
  }

  /** Row i is of shard i mod 4. */
  private static int rows(int examples, int shard) {
    return examples / 4 + (shard < examples % 4 ? 1 : 0);
  }

  private static List<String> names(JoinedShard joined, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(joined.get().id());
    }
    return names;
  }

  private static String task(String name) {
    return name.substring(0, name.indexOf('/'));
  }

  private static List<ShardData.Part> parts(String... tasks) throws IOException {
    List<ShardData.Part> parts = new ArrayList<>();
    for (String task : tasks) {
      PreparedTask data =
          PreparedTask.open(
              new Configuration(),
              new org.apache.hadoop.fs.Path(folder.resolve("run/data").toUri().getPath(), task));
      parts.add(
          new ShardData.Part(
              data,
              Projection.TRAINING,
              row ->
                  new Example(
                      task + "/" + row.index(), row.index(), row.sourceIds(), row.targetIds())));
    }
    return parts;
  }
}
