package org.dapt.cli.bench;

import java.util.concurrent.Callable;
import org.dapt.bench.ExchangeBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dapt bench exchange}. */
@Command(
    name = "exchange",
    mixinStandardHelpOptions = true,
    description =
        "Measures sums of float32 vectors over ranks, which are threads of one process, or tasks of"
            + " Spark.",
    footer = {
      "",
      "Example:",
      "  dapt bench exchange --exchange gloo --ranks 2 --values 1000000",
      "  dapt bench exchange --exchange spark --ranks 2 \\",
      "      --master local-cluster[2,1,1024]"
    })
final class BenchExchangeCommand implements Callable<Integer> {
  @Option(names = "--ranks", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}")
  private int ranks;

  @Option(
      names = "--values",
      defaultValue = "1000000",
      description = "Length of the vector. Default: ${DEFAULT-VALUE}")
  private int values;

  @Option(
      names = "--exchange",
      defaultValue = "local",
      description = "local, gloo or another one on the class path. Default: ${DEFAULT-VALUE}")
  private String exchange;

  @Option(
      names = "--master",
      paramLabel = "MASTER",
      description =
          "A master of Spark, whose tasks the ranks are then. Exchanges other than local and gloo"
              + " need one. Without it they are threads, and no Spark is started.")
  private String master;

  @Option(
      names = "--sums",
      defaultValue = "50",
      description = "Measured sums. Default: ${DEFAULT-VALUE}")
  private int sums;

  @Override
  public Integer call() throws Exception {
    ExchangeBench bench =
        new ExchangeBench(
            BenchCommand.atLeast(1, "--ranks", ranks),
            BenchCommand.atLeast(1, "--values", values),
            exchange,
            BenchCommand.atLeast(1, "--sums", sums),
            master);
    System.out.println(bench.run().json());
    return 0;
  }
}
