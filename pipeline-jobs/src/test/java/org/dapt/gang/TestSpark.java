package org.dapt.gang;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Small clusters for tests. A process has one Spark at a time: whoever starts one here or runs a
 * command ends the shared session, which comes back when it is asked for again.
 */
public final class TestSpark {
  private static final String EXECUTOR_OPTIONS =
      "-XX:TieredStopAtLevel=1 -Dorg.bytedeco.javacpp.maxphysicalbytes=0"
          + " -Dorg.bytedeco.javacpp.maxbytes=0";

  private static SparkSession shared;

  private TestSpark() {}

  /**
   * A session of two slots in this process, for tests that read and write tables. It is shared: not
   * to be closed, and not to be kept while a command runs.
   */
  public static synchronized SparkSession session() {
    if (shared == null || shared.sparkContext().isStopped()) {
      SparkConf conf = conf("local[2]").set("spark.sql.session.timeZone", "UTC");
      // As in a run directory: its own marker says that a folder is finished.
      conf.set("spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false");
      shared = SparkSession.builder().config(conf).getOrCreate();
    }
    return shared;
  }

  /** Ends the shared session, so that another Spark can be started in this process. */
  public static synchronized void release() {
    if (shared != null) {
      shared.stop();
      shared = null;
    }
  }

  /** Spark with these settings alone; to be closed. */
  public static JavaSparkContext start(SparkConf conf) {
    release();
    return new JavaSparkContext(conf);
  }

  /** Everything in this process, {@code slots} tasks at once; to be closed. */
  public static JavaSparkContext local(int slots) {
    return start(conf("local[" + slots + "]"));
  }

  /** Executors of one core and 1 GiB, each a process of its own; to be closed. */
  public static JavaSparkContext cluster(int executors) throws IOException {
    return start(clusterConf(executors));
  }

  /** The settings of {@link #cluster}. */
  public static SparkConf clusterConf(int executors) throws IOException {
    // Spark wants a jars folder at SPARK_HOME; what its processes load comes from the test's own
    // class path.
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return conf("local-cluster[" + executors + ",1,1024]")
        .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .set("spark.executor.memory", "1024m")
        .set("spark.executor.extraJavaOptions", EXECUTOR_OPTIONS);
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
