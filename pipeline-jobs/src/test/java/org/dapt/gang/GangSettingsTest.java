package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GangSettingsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2    |      | spark.task.resource.gpu.amount is not set",
        "1    | 0    | several ranks share a GPU",
        "1    | 0.25 | spark.task.resource.gpu.amount is 0.25, so that several ranks share a GPU",
        "2    | 2    | spark.task.resource.gpu.amount is 2, so that GPUs of a rank lie idle",
        "     | 1    | executors ask for no GPUs. Set spark.executor.resource.gpu.amount",
        "0    | 1    | executors ask for no GPUs",
        "1    | all  | spark.task.resource.gpu.amount is \"all\": expected 1",
        "1    | NaN  | spark.task.resource.gpu.amount is \"NaN\": expected 1",
        "1    | -1   | spark.task.resource.gpu.amount is \"-1\": expected 1",
        "half | 1    | spark.executor.resource.gpu.amount is \"half\": expected a whole number"
      })
  void gpusThatRanksCannotUseAreRefusedWithTheKey(String executor, String task, String message) {
    assertThatThrownBy(() -> Gang.checkSettings(conf(executor, task), 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("resource.gpu.amount");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "8,1", "8,1.0", "0,0", "0,", ","})
  void oneGpuPerRankOrNoneIsFine(String executor, String task) {
    assertThatCode(() -> Gang.checkSettings(conf(executor, task), 0)).doesNotThrowAnyException();
  }

  @Test
  void dynamicAllocationIsRefusedBeforeSparkStarts() {
    SparkConf conf = conf(null, null).set("spark.dynamicAllocation.enabled", "true");
    assertThatThrownBy(() -> Gang.checkSettings(conf, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("spark.dynamicAllocation.enabled is true");
  }

  private static SparkConf conf(String executor, String task) {
    SparkConf conf = new SparkConf(false);
    if (executor != null) {
      conf.set("spark.executor.resource.gpu.amount", executor);
    }
    if (task != null) {
      conf.set("spark.task.resource.gpu.amount", task);
    }
    return conf;
  }
}
