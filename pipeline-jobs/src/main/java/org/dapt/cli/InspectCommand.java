package org.dapt.cli;

import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.dapt.inspect.Inspection;
import org.dapt.inspect.Inspector;
import org.dapt.job.Sessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dapt inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Says what a run, block, shard, model or adapter holds.",
    footer = {"", "Example:", "  dapt inspect runs/mine"})
final class InspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PATH", description = "A folder or file, local or a URI.")
  private String path;

  @Mixin private TextFormat format;

  @Override
  public Integer call() {
    boolean json = format.isJson();
    Configuration hadoop = Sessions.hadoop(new SparkConf());
    Inspection found = new Inspector(hadoop).inspect(path);
    System.out.println(json ? found.json() : found.text().stripTrailing());
    return 0;
  }
}
