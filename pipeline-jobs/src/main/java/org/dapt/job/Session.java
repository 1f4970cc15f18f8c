package org.dapt.job;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark session that starts when it is first asked for and ends when this is closed. Whoever runs
 * several commands hands the same one to all of them; Spark's settings are then those it was made
 * with, whatever the later configurations say of Spark. For one thread.
 */
public final class Session implements AutoCloseable {
  private final SparkConf conf;

  /** Null until it is asked for. */
  private SparkSession spark;

  /** One with the settings of {@code conf}. */
  public Session(SparkConf conf) {
    this.conf = conf;
  }

  /** The session, started now if need be. */
  public SparkSession spark() {
    if (spark == null) {
      spark = Sessions.start(conf);
    }
    return spark;
  }

  /** Ends the session, where it was started. */
  @Override
  public void close() {
    if (spark != null) {
      spark.close();
    }
  }
}
