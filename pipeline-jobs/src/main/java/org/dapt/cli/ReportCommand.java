package org.dapt.cli;

import java.util.concurrent.Callable;
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
    System.out.print(options.application().report(json, html));
    return 0;
  }
}
