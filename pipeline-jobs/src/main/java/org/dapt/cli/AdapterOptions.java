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
      description = "The base model that the adapter names. Default: model.path of the run.")
  private String baseModel;

  String output() {
    return output;
  }

  String baseModel() {
    return baseModel;
  }
}
