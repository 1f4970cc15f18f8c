package org.dapt.cli.exit;

import org.apache.spark.SparkException;
import org.dapt.error.DaptException;
import org.dapt.error.ExitCode;
import org.dapt.spark.SparkFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Turns what went wrong into a message and an exit code. */
public final class Failures implements CommandLine.IExecutionExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine line, CommandLine.ParseResult result) {
    if (Interruption.isGoing()) {
      return ExitCode.INTERNAL.code();
    }
    Throwable cause = SparkFailures.unwrap(failure);
    if (cause instanceof DaptException known) {
      line.getErr().println("dapt: " + known.getMessage());
      LOG.debug("Where it happened", known);
      return known.exitCode().code();
    }
    // Nobody foresaw this one: the trace is what a report needs.
    LOG.error("Unexpected failure", failure);
    String what =
        failure instanceof SparkException ? SparkFailures.summary(failure) : failure.toString();
    line.getErr().println("dapt: unexpected failure: " + what + " The trace is in the log above.");
    return ExitCode.INTERNAL.code();
  }
}
