package org.dapt.gang;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Small clusters for tests. */
public final class TestSpark {
  private TestSpark() {}

  /** Everything in this process, {@code slots} tasks at once. */
  public static JavaSparkContext local(int slots) {
    return new JavaSparkContext(conf("local[" + slots + "]"));
  }

  /** Executors of one core and 1 GiB, each a process of its own. */
  public static JavaSparkContext cluster(int executors) throws IOException {
    return new JavaSparkContext(clusterConf(executors));
  }

  /** The settings of {@link #cluster}. */
  public static SparkConf clusterConf(int executors) throws IOException {
    // Spark wants a jars folder at SPARK_HOME; what its processes load comes from the test's own
    // class path.
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return conf("local-cluster[" + executors + ",1,1024]")
        .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .set("spark.executor.memory", "1024m");
  }

  /** The settings of every test. */
  public static SparkConf conf(String master) {
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setAppName("test")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.barrier.sync.timeout", "60")
            .set("spark.stage.maxConsecutiveAttempts", "2")
            .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "20s");
    Gang.applyDefaults(conf);
    return conf;
  }
}
