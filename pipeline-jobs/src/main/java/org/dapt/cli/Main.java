package org.dapt.cli;

import org.dapt.error.ExitCode;
import org.dapt.job.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code dapt}. */
@Command(
    name = "dapt",
    mixinStandardHelpOptions = true,
    versionProvider = Main.ProductVersion.class,
    description = "Continual learning of language models on Spark.",
    subcommands = {
      RunCommand.class,
      LearnCommand.class,
      PrepareCommand.class,
      TrainCommand.class,
      ReplayCommand.class,
      EvaluateCommand.class,
      ReportCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      MergeViewCommand.class,
      InspectCommand.class,
      BenchCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done (or done already), 1 unexpected failure, 2 usage or configuration,",
      "3 input data, 4 training failed, 5 the run is held by another process."
    })
public final class Main implements Runnable {
  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  /** Runs the command line and returns the exit code. */
  public static int execute(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(new Failures());
    line.getCommandSpec().exitCodeOnInvalidInput(ExitCode.CONFIGURATION.code());
    return line.execute(arguments);
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  /** The version in the manifest of the jar. */
  static final class ProductVersion implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"dapt " + Version.text()};
    }
  }
}
