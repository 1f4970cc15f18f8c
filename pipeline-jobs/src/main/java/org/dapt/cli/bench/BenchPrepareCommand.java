package org.dapt.cli.bench;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dapt.bench.PrepareBench;
import org.dapt.bench.StepSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dapt bench prepare}. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = "Measures tokenising the training inputs of a task.",
    footer = {
      "",
      "Example:",
      "  dapt bench prepare --model models/base-tiny --task \\",
      "      conf/quickstart/task274_overruling_legal_classification"
    })
final class BenchPrepareCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "A model folder, of which tokenizer.json is enough.")
  private Path model;

  @Option(
      names = "--task",
      paramLabel = "DIR",
      required = true,
      description = "A task folder with train.json, plain or gzip.")
  private Path task;

  @Option(
      names = "--format",
      defaultValue = "super-ni",
      description = "Format of its files and template of the inputs. Default: ${DEFAULT-VALUE}")
  private String format;

  @Option(
      names = "--limit",
      defaultValue = "0",
      description = "Most instances; 0 takes all. Default: ${DEFAULT-VALUE}")
  private int limit;

  @Option(
      names = "--max-source",
      defaultValue = "512",
      description = "Longest input in tokens. Default: ${DEFAULT-VALUE}")
  private int maxSource;

  @Option(
      names = "--spark-tasks",
      defaultValue = "0",
      description =
          "Spark tasks at a time; 0 tokenises in one thread without Spark. Default:"
              + " ${DEFAULT-VALUE}")
  private int sparkTasks;

  @Option(
      names = "--repeats",
      defaultValue = "5",
      description = "Passes over the inputs. Default: ${DEFAULT-VALUE}")
  private int repeats;

  @Override
  public Integer call() throws Exception {
    PrepareBench bench =
        new PrepareBench(
            new StepSettings.Data(task, model, format, BenchCommand.atLeast(0, "--limit", limit)),
            BenchCommand.atLeast(2, "--max-source", maxSource),
            BenchCommand.atLeast(0, "--spark-tasks", sparkTasks),
            BenchCommand.atLeast(1, "--repeats", repeats));
    System.out.println(bench.run().json());
    return 0;
  }
}
