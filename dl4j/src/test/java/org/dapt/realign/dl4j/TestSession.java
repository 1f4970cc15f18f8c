package org.dapt.realign.dl4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.dapt.gang.Gang;

/** Spark for tests; to be stopped. */
final class TestSession {
  private TestSession() {}

  /** Everything in this process, two tasks at once. */
  static SparkSession local() {
    return start(conf("local[2]"));
  }

  /** Two executors of one core and 1 GiB, each a process of its own. */
  static SparkSession cluster() throws IOException {
    // Spark wants a jars folder there; what its processes load comes from the test's class path.
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return start(
        conf("local-cluster[2,1,1024]")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .set("spark.executor.memory", "1024m")
            .set("spark.executorEnv.OMP_NUM_THREADS", "1")
            .set(
                "spark.executor.extraJavaOptions",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Dorg.bytedeco.javacpp.maxbytes=0 -XX:TieredStopAtLevel=1"));
  }

  private static SparkConf conf(String master) {
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setAppName("test")
            .set("spark.ui.enabled", "false")
            .set("spark.sql.shuffle.partitions", "4")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1");
    Gang.applyDefaults(conf);
    return conf;
  }

  private static SparkSession start(SparkConf conf) {
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
