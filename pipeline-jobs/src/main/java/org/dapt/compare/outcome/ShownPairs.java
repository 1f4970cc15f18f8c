package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dapt.compare.outcome.ShownTable.Head;
import org.dapt.compare.outcome.ShownTable.Shown;
import org.dapt.metric.PairedBootstrap.Difference;

/**
 * The pairs of an outcome as people see them, a table for each measure, setting and order, and for
 * all orders.
 */
final class ShownPairs {
  private static final String BY_BOOTSTRAP = ": paired bootstrap over test examples";

  private ShownPairs() {}

  /** All pairs. */
  static List<ShownTable> all(Outcome outcome) {
    List<ShownTable> tables = new ArrayList<>();
    groups(outcome)
        .forEach(
            (group, pairs) -> tables.add(table("Differences in " + group + BY_BOOTSTRAP, pairs)));
    return tables;
  }

  /**
   * The method with the best score less each of the others: where there are many methods, all pairs
   * are too many to be read.
   *
   * @param rest where all pairs are
   */
  static List<ShownTable> ofBest(Outcome outcome, String rest) {
    List<ShownTable> tables = new ArrayList<>();
    groups(outcome)
        .forEach(
            (group, pairs) -> {
              String best = best(outcome, pairs);
              List<Pair> less =
                  pairs.stream()
                      .filter(pair -> pair.first().equals(best) || pair.second().equals(best))
                      .map(pair -> pair.first().equals(best) ? pair : reversed(pair))
                      .sorted(Comparator.comparingDouble(pair -> pair.difference().difference()))
                      .toList();
              tables.add(
                  table(
                      "Differences from the best in "
                          + group
                          + BY_BOOTSTRAP
                          + (less.size() < pairs.size() ? "; all pairs in " + rest : ""),
                      less));
            });
    return tables;
  }

  private static Map<String, List<Pair>> groups(Outcome outcome) {
    Map<String, List<Pair>> groups = new LinkedHashMap<>();
    for (Pair pair : outcome.pairs()) {
      groups
          .computeIfAbsent(
              "%s, setting %s, order %s"
                  .formatted(pair.measure().title(), pair.setting(), pair.order()),
              key -> new ArrayList<>())
          .add(pair);
    }
    return groups;
  }

  /** Of the methods in {@code pairs}, which are of one measure, setting and order. */
  private static String best(Outcome outcome, List<Pair> pairs) {
    Pair any = pairs.get(0);
    return outcome.methods().stream()
        .filter(one -> one.setting().equals(any.setting()) && one.order().equals(any.order()))
        .filter(
            one ->
                pairs.stream()
                    .anyMatch(
                        pair ->
                            pair.first().equals(one.method())
                                || pair.second().equals(one.method())))
        .max(Comparator.comparingDouble(one -> ShownTables.mean(one, any.measure())))
        .map(MethodFigures::method)
        .orElse(any.first());
  }

  private static Pair reversed(Pair pair) {
    Difference of = pair.difference();
    return new Pair(
        pair.setting(),
        pair.order(),
        pair.measure(),
        pair.second(),
        pair.first(),
        pair.seeds(),
        pair.examples(),
        new Difference(-of.difference(), -of.high(), -of.low(), of.p()));
  }

  private static ShownTable table(String caption, List<Pair> pairs) {
    boolean ofAll = pairs.get(0).order().equals(MethodFigures.ALL_ORDERS);
    return new ShownTable(
        caption,
        List.of(
            new Head("First", ""),
            new Head("Second", ""),
            new Head("Difference", "the first less the second, in percentage points"),
            new Head("95 % interval", "percentiles of the resampled differences"),
            new Head("p", "two-sided, not corrected for the number of pairs"),
            new Head(ofAll ? "Runs" : "Seeds", "averaged before examples are drawn"),
            new Head("Examples", "of all tasks, which have equal weights")),
        pairs.stream().map(ShownPairs::row).toList());
  }

  private static List<Shown> row(Pair pair) {
    Difference of = pair.difference();
    return List.of(
        Shown.of(pair.first()),
        Shown.of(pair.second()),
        new Shown(ShownTables.number("%+.2f", of.difference()), of.difference(), false),
        Shown.of(
            "%s to %s"
                .formatted(
                    ShownTables.number("%+.2f", of.low()), ShownTables.number("%+.2f", of.high()))),
        new Shown(ShownTables.number("%.4f", of.p()), of.p(), false),
        Shown.of(Integer.toString(pair.seeds())),
        Shown.of(Long.toString(pair.examples())));
  }
}
