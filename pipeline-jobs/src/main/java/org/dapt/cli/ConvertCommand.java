package org.dapt.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.dapt.app.ConvertJob;
import org.dapt.job.Sessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dapt convert}. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = "Makes a model folder of a GGUF file of a Llama.",
    footer = {
      "",
      "The folder gets weights in bfloat16, configuration and tokenizer, as",
      "Transformers has them. Where it is the conversion of the same file",
      "already, nothing is done.",
      "",
      "Example:",
      "  dapt convert --gguf model.gguf --output models/mine"
    })
final class ConvertCommand implements Callable<Integer> {
  @Option(
      names = "--gguf",
      paramLabel = "FILE",
      required = true,
      description = "A local GGUF file, quantised or not.")
  private Path source;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The model folder, empty or new; local or a URI.")
  private String output;

  @Override
  public Integer call() {
    boolean made = new ConvertJob(source, output, Sessions.hadoop(new SparkConf())).run();
    System.out.println(made ? output : output + " is there already");
    return 0;
  }
}
