package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.dapt.error.ConfigException;
import org.dapt.error.TrainingException;
import org.junit.jupiter.api.Test;

class GangChecksTest {
  @Test
  void aProtectedClusterRefusesAPlaintextExchangeUnlessAllowed() {
    SparkConf conf =
        TestSpark.conf("local[2]")
            .set("spark.authenticate", "true")
            .set("spark.authenticate.secret", "made up");
    try (JavaSparkContext spark = TestSpark.start(conf)) {
      assertThatThrownBy(() -> new Gang(spark, options(2, "gloo", false)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("spark.authenticate is on")
          .hasMessageContaining("\"gloo\"")
          .hasMessageContaining("Set train.exchange to \"spark\"");
      assertThat(new Gang(spark, options(2, "spark", false)).exchange()).isEqualTo("spark");
      assertThat(new Gang(spark, options(2, "gloo", true)).exchange()).isEqualTo("gloo");
      assertThat(new Gang(spark, options(1, "gloo", false)).exchange()).isEqualTo("gloo");
      assertThat(new Gang(spark, options(2, "auto", false)).exchange()).isEqualTo("local");
    }
  }

  @Test
  void dynamicAllocationIsRefused() {
    SparkConf conf = TestSpark.conf("local[2]").set("spark.dynamicAllocation.enabled", "true");
    try (JavaSparkContext spark = TestSpark.start(conf)) {
      assertThatThrownBy(() -> new Gang(spark, options(1, "auto", false)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("spark.dynamicAllocation.enabled is true");
    }
  }

  @Test
  void tooFewSlotsAreExplainedWithTheGpusThatExecutorsAskFor() {
    SparkConf conf =
        TestSpark.conf("local[1]")
            .set("spark.executor.resource.gpu.amount", "1")
            .set("spark.task.resource.gpu.amount", "1");
    try (JavaSparkContext spark = TestSpark.start(conf)) {
      assertThatThrownBy(() -> new Gang(spark, options(2, "auto", false)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("train.ranks is 2, but local[1] runs 1 tasks at once")
          .hasMessageContaining("each executor asks for 1 (spark.executor.resource.gpu.amount)")
          .hasMessageContaining("spark.worker.resource.gpu.discoveryScript");
    }
  }

  @Test
  void executorsThatComeInThePlaceOfLostOnesAreWaitedFor() {
    SparkConf conf = new SparkConf(false).set("spark.master", "yarn");
    Gang.applyDefaults(conf);
    assertThat(GangChecks.patience(conf, false)).isEqualTo(Duration.ofSeconds(30));
    assertThat(GangChecks.patience(conf, true)).isEqualTo(Duration.ofMinutes(10));
    assertThat(GangChecks.patience(conf.set("spark.master", "local[4]"), true)).isZero();

    Iterator<Integer> slots = List.of(3, 3, 4).iterator();
    GangChecks.requireSlots(slots::next, 4, Duration.ofMinutes(1), found -> null);
    assertThat(slots).isExhausted();
    assertThatThrownBy(
            () ->
                GangChecks.requireSlots(
                    () -> 3,
                    4,
                    Duration.ofMillis(300),
                    found -> new TrainingException("found " + found)))
        .isInstanceOf(TrainingException.class)
        .hasMessage("found 3");
  }

  @Test
  void defaultsLeaveTheUsersSettingsAlone() {
    SparkConf conf = new SparkConf(false).set("spark.barrier.sync.timeout", "7");
    Gang.applyDefaults(conf);
    assertThat(conf.get("spark.barrier.sync.timeout")).isEqualTo("7");
    assertThat(conf.get("spark.executorEnv.OMP_NUM_THREADS")).isEqualTo("1");
    assertThat(conf.get("spark.scheduler.minRegisteredResourcesRatio")).isEqualTo("1.0");
    assertThat(conf.get("spark.executor.extraJavaOptions")).contains("maxphysicalbytes=0");
  }

  private static GangOptions options(int ranks, String exchange, boolean allowPlaintext) {
    return new GangOptions(ranks, exchange, Duration.ofSeconds(10), allowPlaintext);
  }
}
