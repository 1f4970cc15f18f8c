package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
  private static final long GIB = 1L << 30;
  private static final MemoryNeed NEED = new MemoryNeed(3 * GIB, GIB, 0, false);

  @Test
  void containersAreComparedWithTheirOverhead() {
    SparkConf conf =
        conf("yarn").set("spark.executor.cores", "4").set("spark.executor.memory", "8g");
    // A tenth of the heap.
    assertThat(MemoryCheck.check(conf, 16, NEED, GIB))
        .contains("With 4 ranks a process takes up to about 7168 MiB")
        .contains("leaves 820 MiB")
        .contains("Set spark.executor.memoryOverhead to 7168m");
    // A larger task leaves fewer ranks to an executor; and there may be fewer in all.
    conf.set("spark.task.cpus", "2");
    assertThat(MemoryCheck.check(conf, 16, NEED, GIB)).contains("memoryOverhead to 5120m");
    assertThat(MemoryCheck.check(conf, 1, NEED, GIB)).contains("With 1 rank a process");
    conf.set("spark.executor.memoryOverhead", "5120");
    assertThat(MemoryCheck.check(conf, 16, NEED, GIB)).isNull();
    conf.set("spark.executor.memoryOverhead", "5119m");
    assertThat(MemoryCheck.check(conf, 16, NEED, GIB)).contains("leaves 5119 MiB");
  }

  @Test
  void smallHeapsLeaveTheOverheadThatSparkGivesAtLeast() {
    SparkConf conf = conf("k8s://https://host").set("spark.executor.memory", "3g");
    assertThat(MemoryCheck.check(conf, 2, NEED, GIB)).contains("leaves 384 MiB");
  }

  @Test
  void aModelThatIsLargerThanItsPodIsRefused() {
    SparkConf conf = conf("k8s://https://host").set("spark.executor.memory", "1g");
    assertThatThrownBy(() -> MemoryCheck.check(conf, 2, NEED, GIB))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("frozen weights alone take 3072 MiB")
        .hasMessageContaining("an executor may take 1408 MiB")
        .hasMessageContaining("Set spark.executor.memoryOverhead to at least 4096m");
  }

  @Test
  void oneProcessIsComparedWithTheMachine() {
    long heap = Runtime.getRuntime().maxMemory();
    assertThat(MemoryCheck.check(conf("local[2]"), 2, NEED, heap + 5 * GIB)).isNull();
    assertThat(MemoryCheck.check(conf("local[2]"), 3, NEED, heap + 5 * GIB))
        .contains("With 3 ranks a process", "lower train.ranks", "train.micro-batch-tokens");
    assertThatThrownBy(() -> MemoryCheck.check(conf("local[2]"), 2, NEED, 2 * GIB))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("this machine has 2048 MiB");
  }

  @Test
  void evaluationsCountAsWell() {
    long heap = Runtime.getRuntime().maxMemory();
    MemoryNeed turns = new MemoryNeed(3 * GIB, GIB, 2 * GIB, false);
    MemoryNeed beside = new MemoryNeed(3 * GIB, GIB, 2 * GIB, true);
    // Four slots: a rank and three evaluations, or four evaluations.
    assertThat(turns.peak(1, 4)).isEqualTo(11 * GIB);
    assertThat(beside.peak(1, 4)).isEqualTo(11 * GIB);
    assertThat(new MemoryNeed(3 * GIB, 4 * GIB, 2 * GIB, true).peak(1, 4)).isEqualTo(13 * GIB);
    assertThat(turns.withoutAnswers().peak(1, 4)).isEqualTo(4 * GIB);
    assertThat(MemoryCheck.check(conf("local[4]"), 0, turns, heap + 11 * GIB)).isNull();
    assertThat(MemoryCheck.check(conf("local[4]"), 0, turns, heap + 10 * GIB))
        .contains("With evaluations in 4 slots a process takes up to about 11264 MiB")
        .contains("2048 MiB a task)", "lower evaluate.batch-tokens");
    assertThat(
            MemoryCheck.check(
                conf("local[4]").set("spark.task.cpus", "2"), 1, turns, heap + 7 * GIB))
        .isNull();
    SparkConf yarn = conf("yarn").set("spark.executor.cores", "4");
    assertThat(MemoryCheck.check(yarn, 2, turns, GIB))
        .contains("2048 MiB a task, 1024 MiB a rank)", "memoryOverhead to 11264m")
        .contains("or lower evaluate.batch-tokens");
  }

  @Test
  void standaloneExecutorsHaveNoLimitToCompareWith() {
    assertThat(MemoryCheck.check(conf("spark://host:7077"), 64, NEED, GIB)).isNull();
    assertThat(MemoryCheck.check(conf("local-cluster[2,1,1024]"), 64, NEED, GIB)).isNull();
  }

  @Test
  void theMachineHasMemory() {
    assertThat(MemoryCheck.physical()).isGreaterThan(GIB / 4);
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).setMaster(master);
  }
}
