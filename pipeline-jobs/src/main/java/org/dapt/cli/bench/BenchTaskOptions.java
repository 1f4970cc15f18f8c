package org.dapt.cli.bench;

import java.nio.file.Path;
import org.dapt.bench.StepSettings;
import org.dapt.error.ConfigException;
import picocli.CommandLine.Option;

/** Which texts a measurement uses. */
final class BenchTaskOptions {
  @Option(
      names = "--task",
      paramLabel = "DIR",
      description = "A task folder with train.json and test.json, plain or gzip.")
  private Path task;

  @Option(
      names = "--format",
      defaultValue = "super-ni",
      description = "Format of its files and template of the inputs. Default: ${DEFAULT-VALUE}")
  private String format;

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description = "A folder with tokenizer.json; the model folder where it is not given.")
  private Path tokenizer;

  @Option(
      names = "--limit",
      defaultValue = "0",
      description = "Most instances; 0 takes all. Default: ${DEFAULT-VALUE}")
  private int limit;

  boolean given() {
    return task != null;
  }

  /** The task, which is required. */
  StepSettings.Data data(BenchModelOptions model) {
    if (task == null) {
      throw new ConfigException(
          "--task is missing: expected a task folder with train.json and test.json.");
    }
    BenchCommand.atLeast(0, "--limit", limit);
    return new StepSettings.Data(task, model.tokenizer(tokenizer), format, limit);
  }
}
