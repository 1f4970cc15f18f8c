package org.dapt.job;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.dapt.config.DaptConfig;
import org.dapt.gang.Gang;

/**
 * Spark's settings for dapt: what spark-submit says counts first, then the configuration, then
 * dapt's own defaults.
 */
public final class Sessions {
  private Sessions() {}

  /** The settings of an application. */
  public static SparkConf conf(DaptConfig config) {
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
    Gang.applyDefaults(conf);
    return conf;
  }

  /** The settings of the file systems, for use before Spark has started. */
  public static Configuration hadoop(SparkConf conf) {
    return SparkHadoopUtil.get().newConfiguration(conf);
  }

  public static SparkSession start(SparkConf conf) {
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
