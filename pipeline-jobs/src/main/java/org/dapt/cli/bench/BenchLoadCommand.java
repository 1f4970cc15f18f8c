package org.dapt.cli.bench;

import java.util.concurrent.Callable;
import org.dapt.bench.BenchModel;
import org.dapt.bench.LoadBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt bench load}. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description =
        "Measures how long the weights of a model take from their files to the device. The first"
            + " load is from storage where the system's cache does not have them.",
    footer = {"", "Example:", "  dapt bench load --model models/base-tiny --loads 3"})
final class BenchLoadCommand implements Callable<Integer> {
  @Mixin private BenchModelOptions model;

  @Option(
      names = "--loads",
      defaultValue = "1",
      description = "Measured loads, one after the other. Default: ${DEFAULT-VALUE}")
  private int loads;

  @Override
  public Integer call() throws Exception {
    LoadBench bench =
        new LoadBench(
            model.model(),
            BenchModel.type(model.dtype()),
            model.threads(),
            BenchCommand.atLeast(1, "--loads", loads));
    System.out.println(bench.run().json());
    return 0;
  }
}
