package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.error.ConfigException;
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

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json. Default: ${DEFAULT-VALUE}")
  private String format;

  @Override
  public Integer call() throws Exception {
    if (!format.equals("text") && !format.equals("json")) {
      throw new ConfigException("--format is " + format + ", expected text or json.");
    }
    System.out.print(options.application().report(format.equals("json"), html));
    return 0;
  }
}
