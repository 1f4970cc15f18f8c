package org.dapt.gang;

import org.apache.spark.SparkConf;
import org.dapt.error.ConfigException;
import org.dapt.spark.TaskDevice;

/**
 * What Spark's settings alone say about a gang: known before Spark starts, let alone asks a cluster
 * for machines.
 */
final class GangSettings {
  static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";
  static final String TASK_GPUS = TaskDevice.TASK_GPUS;

  private GangSettings() {}

  /**
   * Checks that all ranks can run at the same time and have one GPU each, or none.
   *
   * @throws ConfigException with the key to change
   */
  static void check(SparkConf conf) {
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new ConfigException(
          "spark.dynamicAllocation.enabled is true, but all ranks of a gang run at the same time. Set it to false and"
              + " ask for a fixed number of executors (spark.executor.instances).");
    }
    checkGpus(conf);
  }

  /** How many GPUs an executor asks for, 0 if none. */
  static long executorGpus(SparkConf conf) {
    String text = conf.get(EXECUTOR_GPUS, "0").trim();
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ConfigException(
          EXECUTOR_GPUS + " is \"" + text + "\": expected a whole number of GPUs.", e);
    }
  }

  private static void checkGpus(SparkConf conf) {
    long offered = executorGpus(conf);
    if (!conf.contains(TASK_GPUS)) {
      if (offered > 0) {
        throw new ConfigException(
            EXECUTOR_GPUS
                + " is "
                + offered
                + ", but "
                + TASK_GPUS
                + " is not set, so that no task is given one of these GPUs. Set it to 1: each rank computes on a GPU"
                + " of its own.");
      }
      return;
    }
    double asked = taskGpus(conf);
    if (asked == 0 && offered == 0) {
      return;
    }
    if (asked != 1) {
      throw new ConfigException(
          TASK_GPUS
              + " is "
              + conf.get(TASK_GPUS)
              + ", so that "
              + (asked < 1 ? "several ranks share a GPU" : "GPUs of a rank lie idle")
              + ": each rank computes on one GPU of its own. Set it to 1.");
    }
    if (offered == 0) {
      throw new ConfigException(
          TASK_GPUS
              + " is 1, but executors ask for no GPUs. Set "
              + EXECUTOR_GPUS
              + " to the number of GPUs of an executor.");
    }
  }

  private static double taskGpus(SparkConf conf) {
    String text = conf.get(TASK_GPUS).trim();
    try {
      double amount = Double.parseDouble(text);
      if (amount >= 0) {
        return amount;
      }
    } catch (NumberFormatException e) {
      // Said below, like NaN and negative ones.
    }
    throw new ConfigException(TASK_GPUS + " is \"" + text + "\": expected 1.");
  }
}
