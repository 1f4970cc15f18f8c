package org.dapt.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/** The command line knows every command that the documentation shows. */
class DocumentedCommandsTest {
  private static final Path HOME = Path.of(System.getProperty("dapt.home"));
  private static final Set<String> NOT_OURS =
      Set.of("target", "runs", ".git", "node_modules", "src");

  private static final Pattern FENCED = Pattern.compile("(?ms)^```(?:sh|bash)?\\n(.*?)^```");
  private static final Pattern INDENTED = Pattern.compile("(?m)^ {4}(\\S.*)$");
  private static final Pattern INLINE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern DIRECT =
      Pattern.compile("^(?:[A-Z_]+=\\S+ )*(?:\\S*/)?dapt +([a-z-].*)$");
  private static final Pattern SUBMITTED = Pattern.compile("^(?:\\S*/)?dapt-submit .*?-- +(.*)$");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  @ParameterizedTest
  @MethodSource("commands")
  void isParsed(String command) {
    List<String> words = words(command);
    try {
      Main.commandLine().parseArgs(words.toArray(new String[0]));
    } catch (MissingParameterException e) {
      // A text may name a command or an option without all that belongs to it.
      assertThat(words).isNotEmpty();
    } catch (ParameterException e) {
      fail(command + ": " + e.getMessage());
    }
  }

  static Set<String> commands() throws IOException {
    Set<String> found = new TreeSet<>();
    for (Path file : documents()) {
      String text = Files.readString(file);
      List<String> candidates = new ArrayList<>();
      Matcher fenced = FENCED.matcher(text);
      while (fenced.find()) {
        candidates.addAll(fenced.group(1).replaceAll("\\\\\\n\\s*", "").lines().toList());
      }
      for (Pattern pattern : List.of(INDENTED, INLINE)) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
          candidates.add(matcher.group(1));
        }
      }
      for (String candidate : candidates) {
        for (Pattern pattern : List.of(SUBMITTED, DIRECT)) {
          Matcher matcher = pattern.matcher(candidate.strip());
          if (matcher.matches()) {
            found.add(matcher.group(1));
            break;
          }
        }
      }
    }
    assertThat(found).hasSizeGreaterThan(20);
    return found;
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(HOME)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(
              file ->
                  Stream.iterate(HOME.relativize(file), Path::getParent)
                      .takeWhile(part -> part != null)
                      .noneMatch(part -> NOT_OURS.contains(part.getFileName().toString())))
          .toList();
    }
  }

  /** The words up to a comment, a pipe or a redirection, with values for the places. */
  private static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    String plain = command.replaceAll("\\[[^\\]=,]*\\]", "").replaceAll("[…<>]", " ");
    plain = plain.replaceAll("(?:^| )[#|&;].*", "");
    Matcher matcher = WORD.matcher(plain);
    while (matcher.find()) {
      String word = matcher.group().replaceAll("[\"']", "");
      words.add(word.matches("[NMK]") ? "1" : word);
    }
    // What stands for any command.
    words.removeIf(word -> word.equals("COMMAND") || word.equals("command"));
    return words;
  }
}
