package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.data.TaskFolders.json;
import static org.dapt.data.TaskFolders.write;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareSlotsTest {
  @TempDir private Path root;

  @Test
  void theNumberOfSlotsDoesNotChangeAByte() throws IOException {
    write(root.resolve("t/train.json"), json(0, 203));
    write(root.resolve("t/dev.json"), json(203, 240));
    write(root.resolve("t/test.json"), json(203, 240));
    var one = prepareWith(1);
    assertThat(one).hasSize(3 * 8 + 1).containsKey(TaskManifest.FILE);
    assertThat(prepareWith(2)).isEqualTo(one);
    assertThat(prepareWith(5)).isEqualTo(one);
  }

  private Map<String, String> prepareWith(int slots) throws IOException {
    var folder = root.resolve("slots-" + slots);
    var recipe = new Recipe("super-ni", "super-ni", 40, 50, 8, 0.1, 42, true);
    try (var spark = TestSpark.start(slots)) {
      assertThat(spark.sparkContext().defaultParallelism()).isEqualTo(slots);
      new PrepareTask(
              spark,
              new PrepareSettings(root.toString(), TestSpark.modelFolder().toString(), recipe))
          .run("t", new org.apache.hadoop.fs.Path(folder.toUri()));
    }
    return new Prepared(folder).digests();
  }
}
