package org.dapt.compare;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.apache.spark.SparkConf;
import org.dapt.app.RunStanding;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.gang.MemoryNeed;
import org.dapt.spark.LocalCores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each of several runs at once gets of this machine.
 *
 * @param runs at once
 * @param cores of each
 */
record Share(int runs, int cores) {
  private static final Logger LOG = LoggerFactory.getLogger(Share.class);
  private static final String KEY = "compare.parallel (--parallel)";

  /**
   * The shares of {@code runs} runs.
   *
   * @throws ConfigException if there are fewer cores than runs
   */
  static Share of(SparkConf conf, int runs) {
    int cores = LocalCores.of(conf);
    if (runs > cores) {
      throw new ConfigException(
          "%s is %d, but %s has %d cores: expected at most that, or a spark.master with more."
              .formatted(KEY, runs, conf.get("spark.master"), cores));
    }
    return new Share(runs, cores / runs);
  }

  /** Refuses a run that does not fit. */
  void check(DaptConfig config) {
    if (config.train().ranks() > cores) {
      throw new ConfigException(
          "train.ranks is %d, but each of %d runs at once has %d of this machine's cores: lower train.ranks or %s."
              .formatted(config.train().ranks(), runs, cores, KEY));
    }
  }

  /** Warns of a run of which so many at once may take more than the memory of this machine. */
  void warn(DaptConfig config) {
    MemoryNeed need = RunStanding.memory(config);
    long heap = Runtime.getRuntime().maxMemory();
    int ranks = config.train().ranks() == 0 ? cores : config.train().ranks();
    long all = runs * (need.peak(ranks, cores) + heap);
    long physical =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    if (runs > 1 && all > physical) {
      LOG.warn(
          "{} runs of {} at once may take up to {} MiB with their heaps, but this machine has {}"
              + " MiB: lower {}, train.micro-batch-tokens or DAPT_DRIVER_MEMORY.",
          runs,
          config.method().name(),
          all >> 20,
          physical >> 20,
          KEY);
    }
  }
}
