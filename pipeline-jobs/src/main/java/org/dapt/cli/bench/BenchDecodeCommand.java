package org.dapt.cli.bench;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dapt.bench.BenchModel;
import org.dapt.bench.DecodeBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt bench decode}. */
@Command(
    name = "decode",
    mixinStandardHelpOptions = true,
    description =
        "Measures greedy decoding by the frozen model: of random inputs, or with --task of the test split"
            + " of a task.",
    footer = {
      "",
      "Example:",
      "  dapt bench decode --model models/base-tiny --task \\",
      "      conf/quickstart/task274_overruling_legal_classification"
    })
final class BenchDecodeCommand implements Callable<Integer> {
  @Mixin private BenchModelOptions model;

  @Mixin private BenchTaskOptions task;

  @Option(
      names = "--examples",
      defaultValue = "128",
      description = "Random inputs; --task brings its own. Default: ${DEFAULT-VALUE}")
  private int examples;

  @Option(
      names = "--batch",
      defaultValue = "32",
      description = "Inputs that are decoded together. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(
      names = "--max-source",
      defaultValue = "512",
      description = "Longest input in tokens; the length of random ones. Default: ${DEFAULT-VALUE}")
  private int maxSource;

  @Option(
      names = "--max-new-tokens",
      defaultValue = "50",
      description =
          "Longest answer in tokens; the length of all where inputs are random. Default: ${DEFAULT-VALUE}")
  private int maxNewTokens;

  @Option(
      names = "--warmup",
      defaultValue = "4",
      description = "Batches that are decoded before the measured ones. Default: ${DEFAULT-VALUE}")
  private int warmup;

  @Option(
      names = "--answers",
      paramLabel = "FILE",
      description = "Writes the ids of the answers, one JSON array a line.")
  private Path answers;

  @Override
  public Integer call() throws Exception {
    BenchModel chosen = model.model();
    BenchModel.type(model.dtype());
    DecodeBench.Settings settings =
        new DecodeBench.Settings(
            task.given() ? task.data(model) : null,
            BenchCommand.atLeast(1, "--examples", examples),
            BenchCommand.atLeast(1, "--batch", batch),
            BenchCommand.atLeast(1, "--max-source", maxSource),
            BenchCommand.atLeast(1, "--max-new-tokens", maxNewTokens),
            BenchCommand.atLeast(0, "--warmup", warmup),
            model.threads(),
            model.dtype(),
            answers);
    System.out.println(new DecodeBench(chosen, settings).run().json());
    return 0;
  }
}
