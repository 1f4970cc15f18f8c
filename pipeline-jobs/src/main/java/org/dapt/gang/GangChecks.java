package org.dapt.gang;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.dapt.error.ConfigException;
import org.dapt.exchange.ExchangeProvider;

/** What can be known of a gang before it starts. Spark itself finds out later, and says less. */
final class GangChecks {
  private static final List<String> PROTECTION =
      List.of(
          "spark.authenticate",
          "spark.network.crypto.enabled",
          "spark.ssl.enabled",
          "spark.ssl.rpc.enabled");

  private GangChecks() {}

  /** The options with the exchange resolved. */
  static GangOptions check(JavaSparkContext spark, GangOptions options) {
    SparkConf conf = spark.getConf();
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new ConfigException(
          "spark.dynamicAllocation.enabled is true, but all ranks of a gang run at the same time. Set it to false and"
              + " ask for a fixed number of executors (spark.executor.instances).");
    }
    boolean oneProcess = spark.isLocal() && !spark.master().startsWith("local-cluster");
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

  /** Waits as long as Spark waits for executors that are still starting. */
  private static void requireSlots(JavaSparkContext spark, int ranks) {
    long patience =
        spark.isLocal() && !spark.master().startsWith("local-cluster")
            ? 0
            : spark
                .getConf()
                .getTimeAsMs("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s");
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience);
    int slots = slots(spark);
    while (slots < ranks && System.nanoTime() < deadline) {
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while waiting for executors", e);
      }
      slots = slots(spark);
    }
    if (slots < ranks) {
      throw new ConfigException(
          "train.ranks is "
              + ranks
              + ", but "
              + spark.master()
              + " runs "
              + slots
              + " tasks at once. Lower train.ranks"
              + " or give the application more executors or cores (spark.executor.instances, spark.executor.cores,"
              + " spark.cores.max, spark.task.cpus).");
    }
  }
}
