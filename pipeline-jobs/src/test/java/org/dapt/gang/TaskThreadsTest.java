package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.pytorch.global.torch;
import org.dapt.spark.TaskThreads;
import org.dapt.tensor.NativeRuntime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A task computes with as many threads as Spark gives it cores. */
class TaskThreadsTest {
  @Test
  void ranksAndOtherTasksUseTheCoresThatTheyHave() {
    try (JavaSparkContext spark =
        TestSpark.start(TestSpark.conf("local[2]").set("spark.task.cpus", "2"))) {
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

  @ParameterizedTest
  @CsvSource({
    "local, , 1",
    "local[3], , 3",
    "'local[3,2]', , 3",
    "local[*], , 0",
    "yarn, , 0",
    "'local-cluster[2,1,1024]', , 1",
    "local[3], 2, 2",
    "yarn, 1, 1"
  })
  void whatAnswersAloneHasTheCoresToItself(String master, String cpus, int threads) {
    SparkConf conf = new SparkConf(false).setMaster(master);
    if (cpus != null) {
      conf.set("spark.task.cpus", cpus);
    }
    try {
      TaskThreads.useAlone(conf);
      assertThat(torch.get_num_threads())
          .isEqualTo(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
    } finally {
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
