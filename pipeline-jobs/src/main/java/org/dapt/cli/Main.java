package org.dapt.cli;

import java.util.List;
import java.util.Locale;
import org.dapt.cli.bench.BenchCommand;
import org.dapt.cli.exit.Failures;
import org.dapt.cli.exit.Interruption;
import org.dapt.cli.help.CommandGroups;
import org.dapt.cli.help.OptionLabels;
import org.dapt.error.ConfigException;
import org.dapt.error.ExitCode;
import org.dapt.job.Version;
import org.dapt.spark.HeapExhausted;
import org.dapt.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code dapt}. */
@Command(
    name = "dapt",
    mixinStandardHelpOptions = true,
    versionProvider = Main.ProductVersion.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {"Continual learning of language models on Spark.", ""},
    optionListHeading = "",
    subcommands = {
      InitCommand.class,
      RunCommand.class,
      LearnCommand.class,
      CompareCommand.class,
      PrepareCommand.class,
      TrainCommand.class,
      ReplayCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      ReportCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      MergeViewCommand.class,
      MergeCommand.class,
      RealignCommand.class,
      ForgetCommand.class,
      ConvertCommand.class,
      InspectCommand.class,
      BenchCommand.class,
      CompletionCommand.class
    },
    footer = {
      "",
      "Example:",
      "  dapt run --config conf/quickstart.conf",
      "  dapt COMMAND --help",
      "",
      "Exit codes: 0 done (or done already), 1 unexpected failure, 2 usage or",
      "configuration, 3 input data, 4 training failed, 5 held by another process.",
      "Colours: --color=auto, always or never; NO_COLOR is respected.",
      "Guide: docs/user-guide.md; every key: conf/reference.conf."
    })
public final class Main implements Runnable {
  /** Where a script that starts this process says how the user calls it. */
  private static final String PROGRAM = "DAPT_COMMAND";

  private Main() {}

  /** The command as the user calls it. */
  static String program() {
    return System.getenv().getOrDefault(PROGRAM, "dapt");
  }

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    // Numbers in messages and names are the same everywhere.
    Locale.setDefault(Locale.ROOT);
    String program = program();
    Interruption interruption =
        Interruption.prepare(
            Interruption.isConversation(List.of(arguments))
                ? ""
                : Interruption.message(program, arguments));
    int code = execute(arguments);
    interruption.ended();
    System.exit(code);
  }

  /** Runs the command line and returns the exit code. */
  public static int execute(String... arguments) {
    CommandLine line = commandLine();
    try {
      return line.execute(arguments);
    } catch (OutOfMemoryError e) {
      ConfigException named = HeapExhausted.named(e);
      line.getErr().println("dapt: " + named.getMessage());
      return named.exitCode().code();
    }
  }

  /** The command line with all its commands. */
  static CommandLine commandLine() {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    line.setExecutionExceptionHandler(new Failures());
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, new CommandGroups());
    line.setHelpFactory(OptionLabels::help);
    line.setParameterExceptionHandler(Main::explain);
    line.setExecutionStrategy(
        parsed -> {
          // Only now is it known what --color says.
          line.setColorScheme(
              CommandLine.Help.defaultColorScheme(
                  Terminal.here().colours(Terminal.OUT) ? Ansi.ON : Ansi.OFF));
          return new CommandLine.RunLast().execute(parsed);
        });
    line.setCaseInsensitiveEnumValuesAllowed(true);
    setUp(line);
    return line;
  }

  /** A wrong option gets a line or two, not the whole help. */
  private static int explain(CommandLine.ParameterException wrong, String[] arguments) {
    CommandLine line = wrong.getCommandLine();
    line.getErr().println("dapt: " + wrong.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, line.getErr());
    line.getErr().println("See " + line.getCommandSpec().qualifiedName() + " --help.");
    return ExitCode.CONFIGURATION.code();
  }

  private static void setUp(CommandLine line) {
    line.getCommandSpec()
        .exitCodeOnInvalidInput(ExitCode.CONFIGURATION.code())
        .usageMessage()
        .abbreviateSynopsis(true)
        .sortOptions(false);
    line.getSubcommands().values().forEach(Main::setUp);
  }

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      scope = ScopeType.INHERIT,
      hidden = true,
      description = "auto, always or never.")
  void setColour(Terminal.Colour colour) {
    // Picocli sets options that are not given to null.
    Terminal.choose(colour == null ? Terminal.Colour.AUTO : colour);
  }

  @Override
  public void run() {
    commandLine().usage(System.out);
  }

  /** The version in the manifest of the jar. */
  static final class ProductVersion implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"dapt " + Version.text()};
    }
  }
}
