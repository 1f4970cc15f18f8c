package org.dapt.cli.bench;

import org.dapt.error.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code dapt bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description =
        "Measures on this machine. The last line on stdout is the result, one JSON object.",
    subcommands = {
      BenchStepCommand.class,
      BenchLoadCommand.class,
      BenchDecodeCommand.class,
      BenchPrepareCommand.class,
      BenchExchangeCommand.class
    },
    footer = {"", "Example:", "  dapt bench exchange --exchange gloo --ranks 2 --values 1000000"})
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  /** {@code value}, which has to be at least {@code least}. */
  static int atLeast(int least, String option, int value) {
    if (value < least) {
      throw new ConfigException(
          option + " is " + value + ", expected a whole number of at least " + least + ".");
    }
    return value;
  }
}
