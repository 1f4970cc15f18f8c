package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt import}. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Takes an adapter of PEFT as the block of a run's next task.",
    footer = {
      "",
      "Example:",
      "  dapt import --config my.conf --adapter adapters/colour --task colour"
    })
final class ImportCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      required = true,
      description = "Folder with adapter_config.json and adapter_model.safetensors.")
  private String adapter;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      required = true,
      description = "Name of the task's folder below tasks.root; not learnt yet.")
  private String task;

  @Override
  public Integer call() throws Exception {
    Application application = options.application();
    try (Session session = application.session()) {
      application.bank().importAdapter(session, adapter, task);
    }
    return 0;
  }
}
