package org.dapt.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Prints the score matrix and the metrics of a run.")
final class ReportCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Also writes the report as one page for a browser, with charts: a path, or a URI of any Hadoop file system.")
  private String html;

  @Override
  public Integer call() throws Exception {
    System.out.print(
        html == null ? options.application().report() : options.application().report(html));
    return 0;
  }
}
