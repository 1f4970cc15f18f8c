package org.dapt.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code dapt}. */
@Command(
    name = "dapt",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Continual learning of language models on Spark.")
public final class Main implements Runnable {
  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  /** The version in the manifest of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"dapt " + (version == null ? "(not packaged)" : version)};
    }
  }
}
