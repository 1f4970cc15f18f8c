package org.dapt.job;

import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark session that starts when it is first asked for and ends when this is closed. Whoever runs
 * several commands hands the same one to all of them; Spark's settings are then those it was made
 * with, whatever the later configurations say of Spark. For one thread.
 */
public final class Session implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 5;

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

  /**
   * Ends the session, where it was started. Tasks that still run after a job has failed or was
   * called off get some seconds to unwind: they may be writing a file, which only they can remove.
   */
  @Override
  public void close() {
    if (spark != null) {
      spark.sparkContext().cancelAllJobs();
      awaitTasks(spark.sparkContext());
      spark.close();
    }
  }

  /**
   * Returns when no task runs any more, or after some seconds.
   *
   * @return whether none runs any more
   */
  public static boolean awaitTasks(SparkContext spark) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    boolean interrupted = false;
    while (!spark.isStopped() && running(spark) && System.nanoTime() < deadline) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return spark.isStopped() || !running(spark);
  }

  private static boolean running(SparkContext spark) {
    for (SparkExecutorInfo executor : spark.statusTracker().getExecutorInfos()) {
      if (executor.numRunningTasks() > 0) {
        return true;
      }
    }
    return false;
  }
}
