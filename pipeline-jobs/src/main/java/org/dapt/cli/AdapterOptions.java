package org.dapt.cli;

import picocli.CommandLine.Option;

/** Where an adapter is written. */
final class AdapterOptions {
  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Folder to write, which is empty or does not exist.")
  private String output;

  @Option(
      names = "--base-model",
      paramLabel = "NAME",
      description =
          "What the adapter names as its base model: a path or a name of the Hugging Face hub. Default: model.path of the run.")
  private String baseModel;

  String output() {
    return output;
  }

  String baseModel() {
    return baseModel;
  }
}
