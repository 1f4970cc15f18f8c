package org.dapt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.app.TestRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the command line says about itself, for every command there is. */
class HelpTest {
  private static final int COLUMNS = 80;
  private static final int LINES = 40;

  @TempDir private Path folder;

  static Stream<List<String>> commands() {
    List<List<String>> all = new ArrayList<>();
    collect(Main.commandLine(), List.of(), all);
    return all.stream();
  }

  private static void collect(CommandLine line, List<String> words, List<List<String>> all) {
    all.add(words);
    line.getSubcommands()
        .forEach(
            (name, sub) -> {
              List<String> longer = new ArrayList<>(words);
              longer.add(name);
              collect(sub, longer, all);
            });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theHelpFitsAScreenAndShowsAnExample(List<String> words) {
    List<String> arguments = new ArrayList<>(words);
    arguments.add("--help");
    List<String> lines = out(0, arguments).lines().toList();
    assertThat(lines).hasSizeLessThanOrEqualTo(LINES);
    assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(COLUMNS));
    int example = lines.indexOf("Example:");
    assertThat(example).as(String.join("\n", lines)).isPositive();
    assertThat(lines.get(example + 1).strip())
        .containsPattern("(^|\\W)dapt " + String.join(" ", words));
    assertThat(String.join("\n", lines)).doesNotContain("\u001b");
  }

  @Test
  void theCommandsAreListedByPurposeEachOnce() {
    List<String> lines = out(0, List.of("--help")).lines().toList();
    for (String name : Main.commandLine().getSubcommands().keySet()) {
      assertThat(lines).filteredOn(line -> line.startsWith("  " + name + " ")).hasSize(1);
    }
    assertThat(lines).contains("Learning", "Using what was learnt");
    assertThat(String.join("\n", lines)).contains("docs/user-guide.md", "Exit codes");
  }

  @Test
  void optionsAreShownAsTheDocumentationWritesThem() {
    assertThat(out(0, List.of("run", "--help")))
        .contains("--config FILE", "goes on where it stopped")
        .containsPattern("-D +KEY=VALUE");
  }

  @Test
  void whoGivesNoConfigurationIsToldHow() {
    for (String command : List.of("run", "report", "prepare")) {
      assertThat(TestRun.execute(command).err())
          .contains("--config FILE", "conf/quickstart.conf", "--run DIR");
    }
  }

  @Test
  void coloursComeWhenTheyAreAskedFor() {
    assertThat(out(0, List.of("--color=always", "--help"))).contains("\u001b[");
    assertThat(out(0, List.of("run", "--color=always", "--help"))).contains("\u001b[");
    assertThat(out(0, List.of("--color=always", "run", "--help"))).contains("\u001b[");
    assertThat(out(0, List.of("--color=never", "--help"))).doesNotContain("\u001b");
    out(2, List.of("--color=perhaps"));
    out(0, List.of("--color=auto", "--help"));
  }

  @Test
  void aMistypedOptionOrCommandIsNamedWithItsNeighbour() {
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.execute("predikt")).isEqualTo(2);
      assertThat(Main.execute("predict", "--inputs", "a")).isEqualTo(2);
    } finally {
      System.setErr(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("predikt", "predict", "See dapt --help.")
        .contains("--inputs", "--input", "See dapt predict --help.")
        .doesNotContain("Usage:");
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    Path script = Files.writeString(folder.resolve("dapt"), out(0, List.of("completion")));
    assertThat(complete(script, "dapt", "pre")).containsExactlyInAnyOrder("prepare", "predict");
    assertThat(complete(script, "dapt", "predict", "--in"))
        .contains("--input", "--instruction", "--interactive")
        .doesNotContain("--output");
    assertThat(complete(script, "dapt", "bench", "")).contains("step", "decode");
  }

  /** What bash offers for the last of {@code words}. */
  private static List<String> complete(Path script, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "--norc",
                "-c",
                """
                source "$0" || exit
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
                # What readline would call.
                function=$(complete -p dapt | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
                "$function" dapt "${@: -1}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """,
                script.toString()));
    command.addAll(List.of(words));
    Process bash = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(printed).isZero();
    return printed.lines().map(String::strip).toList();
  }

  private static String out(int code, List<String> arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.execute(arguments.toArray(new String[0]))).isEqualTo(code);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
