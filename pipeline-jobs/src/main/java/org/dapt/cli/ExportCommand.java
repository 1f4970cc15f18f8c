package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = "Writes the block of a learnt task as an adapter of PEFT.",
    footer = {
      "",
      "Example:",
      "  dapt export --run runs/mine --task colour --output adapters/colour"
    })
final class ExportCommand implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      required = true,
      description = "A task that the run has learnt.")
  private String task;

  @Mixin private AdapterOptions adapter;

  @Override
  public Integer call() throws Exception {
    Application.ofResults(run.config())
        .adapters()
        .export(task, adapter.output(), adapter.baseModel());
    System.out.println(adapter.output());
    return 0;
  }
}
