package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.job.Session;
import org.dapt.job.Version;
import org.dapt.report.HtmlReport;
import org.dapt.report.ReportFile;
import org.dapt.report.RunResults;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Prints the score matrix and the metrics of a run.",
    footer = {"", "Example:", "  dapt report --run runs/quickstart"})
final class ReportCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also writes the report as one page with charts: a path or URI.")
  private String html;

  @Mixin private TextFormat format;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    Application application = Application.ofResults(options.config());
    // What is wrong with the file is said before anything is computed for it.
    ReportFile file = html == null ? null : ReportFile.of(application.hadoop(), html);
    try (Session session = application.session()) {
      RunResults results = application.results(session);
      if (file != null) {
        file.write(HtmlReport.of(session.spark(), results, Version.text()));
        if (!json && results.evaluation().isEmpty()) {
          System.out.println(results.noScores());
          return 0;
        }
      }
      ReportText.print(session, results, json);
    }
    return 0;
  }
}
