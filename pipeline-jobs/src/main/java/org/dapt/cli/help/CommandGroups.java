package org.dapt.cli.help;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;

/** The list of commands by what they are for, instead of one long list. */
public final class CommandGroups implements IHelpSectionRenderer {
  /** By heading; the last takes what no other has. */
  public static final Map<String, List<String>> GROUPS = groups();

  private static final String FURTHER = "Further";

  private static Map<String, List<String>> groups() {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    groups.put("Learning", List.of("init", "run", "learn", "compare"));
    groups.put("Step by step", List.of("prepare", "train", "replay", "evaluate"));
    groups.put("Looking at a run", List.of("report", "inspect"));
    groups.put(
        "Using what was learnt",
        List.of("predict", "export", "import", "merge-view", "merge", "realign", "forget"));
    return groups;
  }

  @Override
  public String render(Help help) {
    Map<String, Help> commands = help.subcommands();
    int width = commands.keySet().stream().mapToInt(String::length).max().orElse(0);
    TreeSet<String> further = new TreeSet<>(commands.keySet());
    StringBuilder text = new StringBuilder();
    GROUPS.forEach(
        (heading, names) -> {
          append(text, help, heading, names, width);
          further.removeAll(names);
        });
    append(text, help, FURTHER, List.copyOf(further), width);
    return text.toString();
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    return end < 0 ? text : text.substring(0, end + 1);
  }

  private static void append(
      StringBuilder text, Help help, String heading, List<String> names, int width) {
    List<String> known = names.stream().filter(help.subcommands()::containsKey).toList();
    if (known.isEmpty()) {
      return;
    }
    text.append(help.colorScheme().ansi().string("@|bold " + heading + "|@%n".formatted()));
    for (String name : known) {
      String[] description =
          help.subcommands().get(name).commandSpec().usageMessage().description();
      text.append("  ")
          .append(help.colorScheme().commandText(name))
          .append(" ".repeat(width - name.length() + 2))
          .append(description.length == 0 ? "" : firstSentence(description[0]))
          .append(System.lineSeparator());
    }
  }
}
