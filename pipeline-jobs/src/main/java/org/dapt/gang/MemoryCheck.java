package org.dapt.gang;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.apache.spark.SparkConf;
import org.dapt.error.ConfigException;
import org.dapt.spark.LocalCores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares an estimate of native memory with what processes may take. An estimate is rough, so it
 * warns, and refuses only what cannot work: a model that is larger than the whole process may be.
 */
final class MemoryCheck {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryCheck.class);
  private static final long MIB = 1L << 20;
  private static final String OVERHEAD = "spark.executor.memoryOverhead";

  private final SparkConf conf;
  private final MemoryNeed need;

  private MemoryCheck(SparkConf conf, MemoryNeed need) {
    this.conf = conf;
    this.need = need;
  }

  /**
   * Logs what {@code ranks} ranks and the evaluations take, as a warning if that is more than they
   * may.
   *
   * @param ranks 0 where nothing is learnt
   * @param physical memory of this machine in bytes: what bounds a gang in this process
   * @return the warning; null if there is none
   * @throws ConfigException if the frozen weights alone are more than a process may take
   */
  static String check(SparkConf conf, int ranks, MemoryNeed need, long physical) {
    String master = conf.get("spark.master");
    MemoryCheck check = new MemoryCheck(conf, need);
    String warning;
    if (LocalCores.areTasksHere(conf)) {
      warning = check.here(ranks, physical);
    } else if (master.equals("yarn") || master.startsWith("k8s://")) {
      warning = check.container(ranks, master.startsWith("k8s://"));
    } else {
      // Nothing bounds the native memory of a standalone executor, and its machine is unknown.
      warning = null;
    }
    if (warning != null) {
      LOG.warn(warning);
    } else {
      LOG.info(
          "Outside its heap a process takes up to about {} MiB, and {} MiB more for each of its {}",
          mib(need.shared()),
          mib(ranks > 0 ? need.perRank() : need.perAnswers()),
          ranks > 0 ? "ranks" : "tasks");
    }
    return warning;
  }

  /** The memory of this machine, or of the container that this process is in. */
  static long physical() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  private String here(int ranks, long physical) {
    if (need.shared() > physical) {
      throw tooLarge("this machine has " + mib(physical) + " MiB", "Take a larger machine");
    }
    long heap = Runtime.getRuntime().maxMemory();
    int slots = GangChecks.localSlots(conf);
    if (need.peak(ranks, slots) + heap <= physical) {
      return null;
    }
    return "%s and up to %d MiB for the heap, but this machine has %d MiB. If it is short of memory, lower %s or the heap (DAPT_DRIVER_MEMORY, spark.driver.memory)."
        .formatted(estimate(ranks, slots), mib(heap), mib(physical), remedies(ranks, slots));
  }

  /** The keys that lower what takes most. */
  private String remedies(int ranks, int slots) {
    return need.peak(ranks, slots) > need.of(ranks)
        ? "evaluate.batch-tokens, spark.master's number of threads"
        : "train.ranks, train.micro-batch-tokens";
  }

  private String container(int ranks, boolean enforced) {
    long heap = conf.getSizeAsBytes("spark.executor.memory", "1g");
    long overhead = overhead(heap);
    if (enforced && need.shared() > heap + overhead) {
      throw tooLarge(
          "an executor may take %d MiB (spark.executor.memory and %s)"
              .formatted(mib(heap + overhead), OVERHEAD),
          "Set %s to at least %dm".formatted(OVERHEAD, mib(need.peak(Math.min(ranks, 1), 1))));
    }
    int slots =
        Math.max(1, conf.getInt("spark.executor.cores", 1) / conf.getInt("spark.task.cpus", 1));
    int together = Math.min(ranks, slots);
    long peak = need.peak(together, slots);
    if (peak <= overhead) {
      return null;
    }
    return "%s, but %s leaves %d MiB and executors that take more are killed. Set %2$s to %dm, or lower %s or spark.executor.cores."
        .formatted(
            estimate(together, slots),
            OVERHEAD,
            mib(overhead),
            mib(peak),
            peak > need.of(together) ? "evaluate.batch-tokens" : "train.micro-batch-tokens");
  }

  /** As Spark determines it. */
  private long overhead(long heap) {
    if (conf.contains(OVERHEAD)) {
      return conf.getSizeAsMb(OVERHEAD) * MIB;
    }
    double factor = conf.getDouble("spark.executor.memoryOverheadFactor", 0.1);
    long least = conf.getSizeAsMb("spark.executor.minMemoryOverhead", "384m") * MIB;
    return Math.max((long) (factor * heap), least);
  }

  private String estimate(int ranks, int slots) {
    long peak = need.peak(ranks, slots);
    if (peak == need.of(ranks)) {
      return "With %d %s a process takes up to about %d MiB outside the heap (%d MiB for the frozen weights, %d MiB a rank)"
          .formatted(
              ranks,
              ranks == 1 ? "rank" : "ranks",
              mib(peak),
              mib(need.shared()),
              mib(need.perRank()));
    }
    return "With evaluations in %d %s a process takes up to about %d MiB outside the heap (%d MiB for the frozen weights, %d MiB a task%s)"
        .formatted(
            slots,
            slots == 1 ? "slot" : "slots",
            mib(peak),
            mib(need.shared()),
            mib(need.perAnswers()),
            ranks > 0 ? ", %d MiB a rank".formatted(mib(need.perRank())) : "");
  }

  private ConfigException tooLarge(String limit, String remedy) {
    return new ConfigException(
        "The frozen weights alone take %d MiB, but %s. %s, or set model.dtype = bfloat16, which halves them where it is float32."
            .formatted(mib(need.shared()), limit, remedy));
  }

  private static long mib(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }
}
