package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.dapt.error.ConfigException;
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
