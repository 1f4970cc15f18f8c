package org.dapt.cli.bench;

import java.util.concurrent.Callable;
import org.dapt.bench.BenchModel;
import org.dapt.bench.StepBench;
import org.dapt.bench.StepSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt bench step}. */
@Command(
    name = "step",
    mixinStandardHelpOptions = true,
    description =
        "Measures training steps: on random tokens, or with --task on the training examples of a"
            + " task.",
    footer = {
      "",
      "Example:",
      "  dapt bench step --model-config models/base-tiny/config.json --tasks 15"
    })
final class BenchStepCommand implements Callable<Integer> {
  @Mixin private BenchModelOptions model;

  @Mixin private BenchTaskOptions task;

  @Option(
      names = "--method",
      defaultValue = "dapt-lora",
      description = "Method. Default: ${DEFAULT-VALUE}")
  private String method;

  @Option(
      names = "--tasks",
      defaultValue = "1",
      description = "Blocks: the newest learns, the others are frozen. Default: ${DEFAULT-VALUE}")
  private int tasks;

  @Option(
      names = "--batch",
      defaultValue = "8",
      description = "Examples of a step. Default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(
      names = "--source",
      defaultValue = "128",
      description =
          "Source tokens of an example; the most of them with --task. Default: ${DEFAULT-VALUE}")
  private int source;

  @Option(
      names = "--target",
      defaultValue = "16",
      description =
          "Target tokens of an example; the most of them with --task. Default: ${DEFAULT-VALUE}")
  private int target;

  @Option(
      names = "--rank",
      defaultValue = "8",
      description = "Rank of a block. Default: ${DEFAULT-VALUE}")
  private int rank;

  @Option(
      names = "--steps",
      defaultValue = "10",
      description = "Measured steps; 0 takes one epoch of the examples. Default: ${DEFAULT-VALUE}")
  private int steps;

  @Option(
      names = "--warmup",
      defaultValue = "2",
      description = "Steps before those. Default: ${DEFAULT-VALUE}")
  private int warmup;

  @Option(
      names = "--replay",
      defaultValue = "0",
      description = "Replayed inputs of each earlier task. Default: ${DEFAULT-VALUE}")
  private int replay;

  @Option(
      names = "--micro-batch-tokens",
      defaultValue = "4096",
      description = "As train.micro-batch-tokens. Default: ${DEFAULT-VALUE}")
  private int microBatchTokens;

  @Option(names = "--recompute", description = "As train.recompute = true.")
  private boolean recompute;

  @Override
  public Integer call() throws Exception {
    BenchModel chosen = model.model();
    StepSettings settings =
        new StepSettings(
            method,
            BenchCommand.atLeast(1, "--tasks", tasks),
            BenchCommand.atLeast(1, "--batch", batch),
            BenchCommand.atLeast(1, "--source", source),
            BenchCommand.atLeast(1, "--target", target),
            BenchCommand.atLeast(1, "--rank", rank),
            model.threads(),
            BenchModel.type(model.dtype()),
            BenchCommand.atLeast(0, "--steps", steps),
            BenchCommand.atLeast(0, "--warmup", warmup),
            BenchCommand.atLeast(0, "--replay", replay),
            BenchCommand.atLeast(1, "--micro-batch-tokens", microBatchTokens),
            recompute,
            task.given() ? task.data(model) : null);
    System.out.println(new StepBench(chosen, settings).run().json());
    return 0;
  }
}
