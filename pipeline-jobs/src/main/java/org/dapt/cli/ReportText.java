package org.dapt.cli;

import java.io.IOException;
import org.dapt.job.Session;
import org.dapt.report.JsonReport;
import org.dapt.report.RunResults;
import org.dapt.report.TextReport;

/** The report on a run, as it is printed. */
final class ReportText {
  private ReportText() {}

  /**
   * Prints it.
   *
   * @param json whether it is one JSON document
   * @throws org.dapt.error.InputException where nothing is evaluated yet
   */
  static void print(Session session, RunResults results, boolean json) throws IOException {
    System.out.print(json ? JsonReport.of(results) : TextReport.of(session.spark(), results));
  }
}
