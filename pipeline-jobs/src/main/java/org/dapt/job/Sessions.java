package org.dapt.job;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.gang.Gang;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spark's settings for dapt: what spark-submit says counts first, then the configuration, then
 * dapt's own defaults.
 */
public final class Sessions {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
  private static final String SERIALIZER = "spark.serializer";

  /** How Spark begins to say that it knows no such master. */
  private static final String BAD_MASTER = "Could not parse Master URL";

  /** The only one that carries all of dapt's objects: Kryo cannot read records. */
  private static final String JAVA_SERIALIZER = JavaSerializer.class.getName();

  private Sessions() {}

  /**
   * The settings of an application.
   *
   * @throws org.dapt.error.ConfigException if the names in {@code config} cannot be written here
   */
  public static SparkConf conf(DaptConfig config) {
    NamesOfFiles.check(config);
    SparkConf conf = new SparkConf();
    config.spark().forEach(conf::setIfMissing);
    conf.setIfMissing("spark.master", "local[*]");
    conf.setIfMissing("spark.app.name", "dapt");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // An evaluation and the training beside it share the slots, neither waits for the other's
    // queue.
    conf.setIfMissing("spark.scheduler.mode", "FAIR");
    // The job's own marker says that a folder is finished.
    conf.setIfMissing("spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false");
    // Small tables: hundreds of empty partitions would take longer than the work.
    conf.setIfMissing("spark.sql.shuffle.partitions", "8");
    conf.setIfMissing("spark.sql.session.timeZone", "UTC");
    // Executors write the same names as this process, wherever they run.
    conf.setIfMissing("spark.executorEnv.LC_ALL", "C.UTF-8");
    carryByJava(conf);
    Gang.applyDefaults(conf);
    return conf;
  }

  /** Sites set another serializer for all applications, in spark-defaults.conf. */
  private static void carryByJava(SparkConf conf) {
    String asked = conf.get(SERIALIZER, JAVA_SERIALIZER);
    if (!asked.equals(JAVA_SERIALIZER)) {
      LOG.info("{} is {}; dapt carries its objects by {}", SERIALIZER, asked, JAVA_SERIALIZER);
    }
    conf.set(SERIALIZER, JAVA_SERIALIZER);
  }

  /**
   * The settings of the file systems, for use before Spark has started.
   *
   * @throws org.dapt.error.ConfigException if Hadoop knows no user for this process
   */
  public static Configuration hadoop(SparkConf conf) {
    Configuration hadoop = SparkHadoopUtil.get().newConfiguration(conf);
    HadoopLogin.check();
    return hadoop;
  }

  /**
   * Starts Spark, or takes what is started.
   *
   * @throws ConfigException if {@code spark.master} names no cluster that Spark knows
   */
  public static SparkSession start(SparkConf conf) {
    try {
      return SparkSession.builder().config(conf).getOrCreate();
    } catch (Exception e) {
      // Spark throws it from a method that does not declare it.
      if (e instanceof SparkException && String.valueOf(e.getMessage()).contains(BAD_MASTER)) {
        throw new ConfigException(
            "spark.master is %s, which the Spark that comes with dapt does not know: expected local[N] or spark://HOST:PORT. On YARN and Kubernetes dapt-submit --master hands dapt to a Spark of your own."
                .formatted(conf.get("spark.master", "not set")),
            e);
      }
      throw e;
    }
  }
}
