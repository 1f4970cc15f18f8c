package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.pytorch.global.torch;
import org.dapt.spark.TaskThreads;
import org.dapt.tensor.NativeRuntime;
import org.junit.jupiter.api.Test;

/** A task computes with as many threads as Spark gives it cores. */
class TaskThreadsTest {
  @Test
  void ranksAndOtherTasksUseTheCoresThatTheyHave() {
    try (JavaSparkContext spark =
        new JavaSparkContext(TestSpark.conf("local[2]").set("spark.task.cpus", "2"))) {
      Gang gang = new Gang(spark, new GangOptions(1, "auto", Duration.ofSeconds(60), false));
      assertThat(gang.run(context -> torch.get_num_threads())).containsExactly(2);
      List<Integer> threads =
          spark
              .parallelize(List.of(1, 2), 2)
              .map(
                  number -> {
                    TaskThreads.use();
                    return torch.get_num_threads();
                  })
              .collect();
      assertThat(threads).containsExactly(2, 2);
    } finally {
      // OpenBLAS's number is that of the process.
      NativeRuntime.useThreads(1);
    }
  }

  @Test
  void whereThereIsNoTaskOneThreadComputes() {
    NativeRuntime.useThreads(2);
    TaskThreads.use();
    assertThat(torch.get_num_threads()).isEqualTo(1);
  }
}
