package org.dapt.job;

import java.io.IOException;
import org.dapt.report.HtmlReport;
import org.dapt.report.ReportFile;
import org.dapt.report.RunResults;
import org.dapt.report.TextReport;

/** Reports on everything that was learnt and evaluated so far. */
final class ReportJob {
  private final JobContext context;

  ReportJob(JobContext context) {
    this.context = context;
  }

  /** The report as text. */
  String run() {
    return TextReport.of(context.spark(), results());
  }

  /**
   * Writes the report as a page to {@code file}; returns it as text, or what is missing for that.
   */
  String run(ReportFile file) throws IOException {
    RunResults results = results();
    file.write(HtmlReport.of(context.spark(), results, Version.text()));
    return results.evaluation().isPresent()
        ? TextReport.of(context.spark(), results)
        : results.noScores() + "\n";
  }

  private RunResults results() {
    return RunResults.read(context.spark(), context.config(), context.run());
  }
}
