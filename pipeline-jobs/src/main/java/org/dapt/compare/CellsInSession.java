package org.dapt.compare;

import org.dapt.app.Application;
import org.dapt.config.DaptConfig;
import org.dapt.error.DaptException;
import org.dapt.error.ExitCode;
import org.dapt.job.Session;
import org.dapt.spark.SparkFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs in the session of this application, on the executors of a cluster, one after the other. */
final class CellsInSession implements CellLauncher {
  private static final Logger LOG = LoggerFactory.getLogger(CellsInSession.class);

  private final CellConfigs configs;
  private final Session session;

  CellsInSession(CellConfigs configs, Session session) {
    this.configs = configs;
    this.session = session;
  }

  @Override
  public CellEnd run(Cell cell) throws InterruptedException {
    try {
      DaptConfig config = configs.of(cell);
      Application.of(config).run(session);
      return new CellEnd(cell, ExitCode.OK.code(), "", log());
    } catch (Exception e) {
      Throwable cause = SparkFailures.unwrap(e);
      if (Thread.interrupted() || cause instanceof InterruptedException) {
        throw new InterruptedException();
      }
      LOG.error("Run {} failed", cell.name(), e);
      ExitCode code = cause instanceof DaptException known ? known.exitCode() : ExitCode.INTERNAL;
      return new CellEnd(cell, code.code(), String.valueOf(cause.getMessage()), log());
    }
  }

  private static String log() {
    return "of this application";
  }
}
