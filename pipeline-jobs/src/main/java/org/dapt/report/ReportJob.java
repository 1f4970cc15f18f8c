package org.dapt.report;

import java.io.IOException;
import org.dapt.job.JobContext;
import org.dapt.job.Version;

/** Reports on everything that was learnt and evaluated so far. */
public final class ReportJob {
  private final JobContext context;

  public ReportJob(JobContext context) {
    this.context = context;
  }

  /**
   * The report as text or as one JSON document; the text says what is missing for it.
   *
   * @param file gets the report as a page, too; null for none
   */
  public String run(boolean json, ReportFile file) throws IOException {
    RunResults results = results();
    if (file != null) {
      file.write(HtmlReport.of(context.spark(), results, Version.text()));
      if (!json && results.evaluation().isEmpty()) {
        return results.noScores() + "\n";
      }
    }
    return json ? JsonReport.of(results) : TextReport.of(context.spark(), results);
  }

  private RunResults results() {
    return RunResults.read(context.spark(), context.config(), context.run());
  }
}
