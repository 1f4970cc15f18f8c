package org.dapt.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The Java sources of all modules, as packages that name each other. A package depends on another
 * one where any of its files names a class there: in an import, in the code or in a comment.
 */
final class SourceTree {
  private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
  private static final Pattern CLASS =
      Pattern.compile("(?<![\\w.])(org\\.dapt(?:\\.[a-z]\\w*)+)\\.[A-Z]");

  /** A file, named by its path below the root of the project, and how many lines it has. */
  record Source(String file, int lines) {}

  private final Map<String, List<Source>> packages = new TreeMap<>();

  /** For each package those that it names, each with the first file that does. */
  private final Map<String, Map<String, String>> named = new TreeMap<>();

  private SourceTree() {}

  /** Reads {@code src/main/java} of every folder of {@code root}. */
  static SourceTree read(Path root) throws IOException {
    SourceTree tree = new SourceTree();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.sorted().toList()) {
        Path sources = module.resolve("src/main/java");
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(SourceTree::isClass).sorted().toList()) {
              tree.add(root.relativize(file).toString(), Files.readString(file));
            }
          }
        }
      }
    }
    return tree;
  }

  private static boolean isClass(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".java") && !name.equals("package-info.java");
  }

  private void add(String file, String text) {
    Matcher own = PACKAGE.matcher(text);
    if (!own.find()) {
      throw new IllegalArgumentException(file + " names no package");
    }
    String name = own.group(1);
    packages
        .computeIfAbsent(name, key -> new ArrayList<>())
        .add(new Source(file, Math.toIntExact(text.lines().count())));
    Map<String, String> others = named.computeIfAbsent(name, key -> new TreeMap<>());
    CLASS
        .matcher(text)
        .results()
        .map(result -> result.group(1))
        .filter(other -> !other.equals(name))
        .forEach(other -> others.putIfAbsent(other, file));
  }

  /** The files of each package. */
  Map<String, List<Source>> packages() {
    return packages;
  }

  /**
   * For each package that names itself by way of others the shortest such way, step by step with
   * the file that takes it. A cycle is listed once, whichever of its packages one begins with.
   */
  List<String> cycles() {
    Map<TreeSet<String>, String> cycles = new LinkedHashMap<>();
    for (String start : named.keySet()) {
      wayBackTo(start)
          .ifPresent(way -> cycles.putIfAbsent(new TreeSet<>(way), described(start, way)));
    }
    return List.copyOf(cycles.values());
  }

  /** The packages on the shortest way from {@code start} to itself, which is the last of them. */
  private Optional<List<String>> wayBackTo(String start) {
    Map<String, String> cameFrom = new HashMap<>();
    Deque<String> next = new ArrayDeque<>(List.of(start));
    while (!next.isEmpty()) {
      String here = next.remove();
      for (String there : named.getOrDefault(here, Map.of()).keySet()) {
        if (cameFrom.putIfAbsent(there, here) == null) {
          next.add(there);
        }
        if (there.equals(start)) {
          Deque<String> way = new ArrayDeque<>(List.of(start));
          for (String step = here; !step.equals(start); step = cameFrom.get(step)) {
            way.addFirst(step);
          }
          return Optional.of(List.copyOf(way));
        }
      }
    }
    return Optional.empty();
  }

  private String described(String start, List<String> way) {
    StringBuilder text = new StringBuilder(start);
    String from = start;
    for (String to : way) {
      text.append(" -> ").append(to).append(" (").append(named.get(from).get(to)).append(")");
      from = to;
    }
    return text.toString();
  }
}
