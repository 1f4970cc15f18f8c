package org.dapt.gang;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.dapt.error.ConfigException;
import org.dapt.error.DaptException;
import org.dapt.error.TrainingException;
import org.dapt.exchange.ExchangeProvider;
import org.dapt.spark.LocalCores;

/** What can be known of a gang before it starts. Spark itself finds out later, and says less. */
final class GangChecks {
  private static final List<String> PROTECTION =
      List.of(
          "spark.authenticate",
          "spark.network.crypto.enabled",
          "spark.ssl.enabled",
          "spark.ssl.rpc.enabled");

  /** The ranks of the largest gang of each application that came to its end. */
  private static final Map<String, Integer> LARGEST = new ConcurrentHashMap<>();

  private GangChecks() {}

  /** The options with the exchange resolved. */
  static GangOptions check(JavaSparkContext spark, GangOptions options) {
    SparkConf conf = spark.getConf();
    GangSettings.check(conf);
    boolean oneProcess = LocalCores.areTasksHere(conf);
    String exchange = options.exchange();
    if (exchange.equals(GangOptions.AUTO)) {
      exchange = oneProcess ? "local" : protection(conf) == null ? "gloo" : "spark";
    }
    ExchangeProvider provider = ExchangeProvider.named(exchange);
    if (exchange.equals("local") && !oneProcess && options.ranks() > 1) {
      throw new ConfigException(
          "train.exchange is \"local\" and train.ranks is "
              + options.ranks()
              + ", but with master "
              + spark.master()
              + " ranks run in different processes. Set train.exchange to \"gloo\", \"spark\" or \"auto\".");
    }
    if (provider.plaintext() && !options.allowPlaintext() && options.ranks() > 1) {
      refusePlaintext(conf, exchange);
    }
    requireSlots(spark, options.ranks());
    return options.withExchange(exchange);
  }

  static int slots(JavaSparkContext spark) {
    ResourceProfile profile = spark.sc().resourceProfileManager().defaultResourceProfile();
    return spark.sc().maxNumConcurrentTasks(profile);
  }

  /** The tasks that run at once where Spark is this process. */
  static int localSlots(SparkConf conf) {
    return Math.max(1, LocalCores.of(conf) / conf.getInt("spark.task.cpus", 1));
  }

  /** Refuses more ranks than can run at once where Spark is this process. */
  static void checkLocalSlots(SparkConf conf, int ranks) {
    if (ranks > 1 && LocalCores.areTasksHere(conf) && localSlots(conf) < ranks) {
      throw tooMany(ranks, conf, localSlots(conf));
    }
  }

  private static void refusePlaintext(SparkConf conf, String exchange) {
    String key = protection(conf);
    if (key != null) {
      throw new ConfigException(
          key
              + " is on, but train.exchange = \""
              + exchange
              + "\" sends gradients unprotected. Set train.exchange to \"spark\", which is protected as Spark's"
              + " own traffic is, or to \"auto\"; or run with one rank (train.ranks = 1).");
    }
  }

  /** The first setting by which Spark's own traffic is protected; null if there is none. */
  private static String protection(SparkConf conf) {
    return PROTECTION.stream().filter(key -> conf.getBoolean(key, false)).findFirst().orElse(null);
  }

  /** A gang of {@code ranks} came to its end: the cluster has room for that, if nothing is lost. */
  static void hasRun(JavaSparkContext spark, int ranks) {
    LARGEST.merge(spark.sc().applicationId(), ranks, Math::max);
  }

  private static void requireSlots(JavaSparkContext spark, int ranks) {
    SparkConf conf = spark.getConf();
    boolean hadRoom = LARGEST.getOrDefault(spark.sc().applicationId(), 0) >= ranks;
    Duration patience = patience(conf, hadRoom);
    requireSlots(
        () -> slots(spark),
        ranks,
        patience,
        slots -> hadRoom ? lost(ranks, slots, patience) : tooMany(ranks, conf, slots));
  }

  /**
   * How long executors are waited for: as long as Spark waits for those that are still starting,
   * and where there was room before, for those that come in the place of lost ones.
   */
  static Duration patience(SparkConf conf, boolean hadRoom) {
    if (LocalCores.areTasksHere(conf)) {
      return Duration.ZERO;
    }
    if (!hadRoom) {
      return Duration.ofMillis(
          conf.getTimeAsMs("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s"));
    }
    return Duration.ofMillis(conf.getTimeAsMs(Gang.CHECK_INTERVAL, "15s"))
        .multipliedBy(conf.getInt(Gang.CHECK_FAILURES, 40));
  }

  /**
   * Returns when there are slots for {@code ranks}.
   *
   * @param missing the failure where there are too few after all, by their number
   */
  static void requireSlots(
      IntSupplier slots, int ranks, Duration patience, IntFunction<DaptException> missing) {
    long deadline = System.nanoTime() + patience.toNanos();
    int found = slots.getAsInt();
    while (found < ranks && System.nanoTime() < deadline) {
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while waiting for executors", e);
      }
      found = slots.getAsInt();
    }
    if (found < ranks) {
      throw missing.apply(found);
    }
  }

  private static TrainingException lost(int ranks, int slots, Duration patience) {
    return new TrainingException(
        "The cluster ran %d ranks before and runs %d tasks at once now: executors were lost, and none came in their place for %d s. Call the command again when there is room, it goes on with this task; or lower train.ranks."
            .formatted(ranks, slots, patience.toSeconds()));
  }

  private static ConfigException tooMany(int ranks, SparkConf conf, int slots) {
    return new ConfigException(
        "train.ranks is "
            + ranks
            + ", but "
            + conf.get("spark.master")
            + " runs "
            + slots
            + " tasks at once. Lower train.ranks"
            + " or give the application more executors or cores (spark.executor.instances, spark.executor.cores,"
            + " spark.cores.max, spark.task.cpus)."
            + gpuHint(conf));
  }

  /** GPUs bound the number of tasks too, and a machine that offers none is passed over silently. */
  private static String gpuHint(SparkConf conf) {
    long gpus = GangSettings.executorGpus(conf);
    if (gpus == 0) {
      return "";
    }
    return " Each task takes a GPU and each executor asks for "
        + gpus
        + " ("
        + GangSettings.EXECUTOR_GPUS
        + "): machines that offer fewer start no executor. On a standalone cluster workers offer them by"
        + " spark.worker.resource.gpu.amount and spark.worker.resource.gpu.discoveryScript (bin/gpu-discovery).";
  }
}
