package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.dapt.compare.Choice;
import org.dapt.compare.outcome.Measure.Kind;
import org.dapt.compare.outcome.ShownTable.Head;
import org.dapt.compare.outcome.ShownTable.Shown;
import org.dapt.metric.Spread;

/** The tables of an outcome as people see them: on the page, in Markdown, in a terminal. */
final class ShownTables {
  private static final String NONE = "–";

  private ShownTables() {}

  /** Of each setting and order: scores, then costs. The method with the best AP stands first. */
  static List<ShownTable> methods(Outcome outcome) {
    List<ShownTable> tables = new ArrayList<>();
    Set<List<String>> groups = new LinkedHashSet<>();
    outcome.methods().forEach(one -> groups.add(List.of(one.setting(), one.order())));
    for (List<String> group : groups) {
      List<MethodFigures> methods =
          outcome.methods().stream()
              .filter(one -> List.of(one.setting(), one.order()).equals(group))
              .sorted((x, y) -> Double.compare(ap(y), ap(x)))
              .toList();
      String of = "setting %s, order %s".formatted(group.get(0), group.get(1));
      String over = over(methods);
      tables.add(scores("Scores in per cent, " + of + ": mean ± deviation " + over, methods));
      Set<String> unseen = new TreeSet<>();
      methods.forEach(one -> one.unseen().keySet().forEach(found -> unseen.add(found.set())));
      unseen.forEach(set -> tables.add(unseen(set, of, methods)));
      tables.add(costs("What it takes, " + of + ": mean " + over, methods));
    }
    return tables;
  }

  /** What {@code methods}, which are of one order or all of them, are means over. */
  private static String over(List<MethodFigures> methods) {
    return isOfAll(methods) ? "over runs (orders × seeds)" : "over seeds";
  }

  private static boolean isOfAll(List<MethodFigures> methods) {
    return methods.get(0).order().equals(MethodFigures.ALL_ORDERS);
  }

  private static List<Head> heads(List<MethodFigures> methods) {
    return new ArrayList<>(
        List.of(new Head("Method", ""), new Head(isOfAll(methods) ? "Runs" : "Seeds", "")));
  }

  /** Lowest where it has none. */
  static double ap(MethodFigures figures) {
    return Optional.ofNullable(figures.measures().get(Measure.AP))
        .map(Spread::mean)
        .orElse(Double.NEGATIVE_INFINITY);
  }

  private static ShownTable scores(String caption, List<MethodFigures> methods) {
    List<Head> heads = heads(methods);
    List<Measure> measures = of(Kind.SCORE, methods);
    measures.forEach(measure -> heads.add(new Head(measure.title(), measure.meaning())));
    heads.add(new Head("Needs task", "whether it must be told the task of an input"));
    heads.add(
        new Head("Samples kept", "of earlier tasks: none, real, inputs, given, generated, all"));
    List<List<Shown>> rows = new ArrayList<>();
    for (MethodFigures method : methods) {
      List<Shown> row = begin(method);
      for (Measure measure : measures) {
        boolean best = measure == Measure.AP && ap(method) == ap(methods.get(0));
        row.add(spread(measure.format(), method.measures().get(measure), best));
      }
      row.add(Shown.of(method.needsTask() ? "yes" : "no"));
      row.add(Shown.of(method.samples()));
      rows.add(row);
    }
    return new ShownTable(caption, heads, rows);
  }

  /** By category; the best of each stands out. */
  private static ShownTable unseen(String set, String of, List<MethodFigures> methods) {
    List<UnseenCategory> categories =
        methods.stream()
            .flatMap(method -> method.unseen().keySet().stream())
            .filter(category -> category.set().equals(set))
            .distinct()
            .sorted()
            .toList();
    List<Head> heads = heads(methods);
    categories.forEach(
        category ->
            heads.add(
                category.category().equals(UnseenCategory.ALL)
                    ? new Head("All tasks", "the mean over tasks, not over categories")
                    : new Head(category.category(), "the mean over the category's tasks")));
    List<List<Shown>> rows = new ArrayList<>();
    for (MethodFigures method : methods) {
      List<Shown> row = begin(method);
      for (UnseenCategory category : categories) {
        Spread spread = method.unseen().get(category);
        row.add(spread("%.2f", spread, spread != null && spread.mean() == most(category, methods)));
      }
      rows.add(row);
    }
    return new ShownTable(
        "ROUGE-L on the unseen tasks of %s, %s: mean ± deviation %s"
            .formatted(set, of, over(methods)),
        heads,
        rows);
  }

  private static double most(UnseenCategory category, List<MethodFigures> methods) {
    return methods.stream()
        .map(method -> method.unseen().get(category))
        .filter(Objects::nonNull)
        .mapToDouble(Spread::mean)
        .max()
        .orElseThrow();
  }

  private static ShownTable costs(String caption, List<MethodFigures> methods) {
    List<Measure> measures = of(Kind.COST, methods);
    List<Head> heads = heads(methods);
    measures.forEach(measure -> heads.add(new Head(measure.title(), measure.meaning())));
    List<List<Shown>> rows = new ArrayList<>();
    for (MethodFigures method : methods) {
      List<Shown> row = begin(method);
      for (Measure measure : measures) {
        Spread spread = method.measures().get(measure);
        row.add(
            spread == null
                ? Shown.of(NONE)
                : new Shown(number(measure.format(), spread.mean()), spread.mean(), false));
      }
      rows.add(row);
    }
    return new ShownTable(caption, heads, rows);
  }

  private static List<Shown> begin(MethodFigures method) {
    return new ArrayList<>(
        List.of(Shown.of(method.method()), Shown.of(Integer.toString(method.runs()))));
  }

  /** What any of {@code methods} has. */
  private static List<Measure> of(Kind kind, List<MethodFigures> methods) {
    return Arrays.stream(Measure.values())
        .filter(measure -> measure.kind() == kind)
        .filter(measure -> methods.stream().anyMatch(m -> m.measures().containsKey(measure)))
        .toList();
  }

  private static Shown spread(String format, Spread spread, boolean best) {
    if (spread == null) {
      return Shown.of(NONE);
    }
    String mean = number(format, spread.mean());
    return new Shown(
        spread.deviation().isEmpty()
            ? mean
            : mean + " ± " + number("%.2f", spread.deviation().getAsDouble()),
        spread.mean(),
        best);
  }

  /** What was tried; empty where nothing was. */
  static Optional<ShownTable> tuning(Outcome outcome) {
    List<List<Shown>> rows = new ArrayList<>();
    outcome
        .choices()
        .forEach(
            (name, choice) -> {
              for (Choice.Tried tried : choice.tried()) {
                rows.add(
                    List.of(
                        Shown.of(name),
                        Shown.of(values(tried)),
                        tried.score() == null
                            ? Shown.of("failed")
                            : new Shown(
                                number("%.2f", tried.score()),
                                tried.score(),
                                choice.best().filter(tried::equals).isPresent())));
              }
            });
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ShownTable(
                "What was tried on the dev sets of the first tasks",
                List.of(
                    new Head("Method and setting", ""),
                    new Head("Tried", ""),
                    new Head("Dev score", "mean over the tasks after the last; the best counts")),
                rows));
  }

  private static String values(Choice.Tried tried) {
    return tried.values().entrySet().stream()
        .map(value -> value.getKey() + " = " + value.getValue())
        .collect(Collectors.joining(", "));
  }

  /** Runs that do not count; empty where all are done. */
  static Optional<ShownTable> missing(Outcome outcome) {
    List<List<Shown>> rows =
        outcome.runs().stream()
            .filter(run -> !run.isDone())
            .map(run -> List.of(Shown.of(run.cell().name()), Shown.of(run.state())))
            .toList();
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ShownTable(
                "Runs that are not done, and do not count",
                List.of(new Head("Run", ""), new Head("State", "")),
                rows));
  }

  /** The same in every country, and no sign before a rounded zero. */
  static String number(String format, double value) {
    String text = String.format(Locale.ROOT, format, value);
    return text.matches("[+-]0(\\.0*)?") ? text.substring(1) : text;
  }
}
