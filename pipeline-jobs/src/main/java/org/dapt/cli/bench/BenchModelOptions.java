package org.dapt.cli.bench;

import java.nio.file.Path;
import org.dapt.bench.BenchModel;
import org.dapt.tensor.Device;
import picocli.CommandLine.Option;

/** Which model a measurement uses, and how. */
final class BenchModelOptions {
  @Option(
      names = "--model-config",
      paramLabel = "FILE",
      description = "The config.json of a model, to which random weights are drawn in memory.")
  private Path config;

  @Option(names = "--model", paramLabel = "DIR", description = "A model folder with weights.")
  private Path folder;

  @Option(
      names = "--dtype",
      defaultValue = "fp32",
      description = "fp32, bf16 or float64. Default: ${DEFAULT-VALUE}")
  private String dtype;

  @Option(
      names = "--threads",
      defaultValue = "1",
      description = "Threads of the tensor engine. Default: ${DEFAULT-VALUE}")
  private int threads;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      description = "cpu, or cuda:0 and so on. Default: ${DEFAULT-VALUE}")
  private String device;

  BenchModel model() {
    return new BenchModel(config, folder, new Device(device));
  }

  String dtype() {
    return dtype;
  }

  int threads() {
    return BenchCommand.atLeast(1, "--threads", threads);
  }

  /** The tokenizer {@code given}, or that of the model folder. */
  Path tokenizer(Path given) {
    if (given == null && folder == null) {
      throw new org.dapt.error.ConfigException(
          "--tokenizer is missing: expected a folder with tokenizer.json, since --model-config"
              + " brings none.");
    }
    return given == null ? folder : given;
  }
}
