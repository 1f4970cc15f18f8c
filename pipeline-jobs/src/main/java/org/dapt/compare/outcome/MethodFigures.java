package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.metric.Spread;

/**
 * What a method has come to over its runs.
 *
 * @param setting of the runs
 * @param order of the tasks, or {@link #ALL_ORDERS}
 * @param method its name
 * @param runs how many count
 * @param needsTask whether it must be told the task of an input
 * @param samples what it keeps of earlier tasks
 * @param measures mean and deviation of each figure that all of its runs have
 * @param learnt the same of its scores on each task right after that was learnt
 * @param last the same after the last task
 * @param unseen the same of its scores on tasks that were not learnt
 */
public record MethodFigures(
    String setting,
    String order,
    String method,
    int runs,
    boolean needsTask,
    String samples,
    Map<Measure, Spread> measures,
    Map<String, Spread> learnt,
    Map<String, Spread> last,
    SortedMap<UnseenCategory, Spread> unseen) {
  /** Stands for the runs of all orders together. */
  public static final String ALL_ORDERS = "(all)";

  /**
   * Of each setting, order and method with runs that are done; of the orders of a setting together,
   * too, where there are several: only methods with runs in all of these, for orders differ.
   */
  static List<MethodFigures> of(List<RunFigures> runs) {
    List<RunFigures> done = runs.stream().filter(RunFigures::isDone).toList();
    List<MethodFigures> all = group(done, run -> run.cell().order());
    List<RunFigures> whole =
        done.stream()
            .filter(run -> orders(done, run, false).size() > 1)
            .filter(run -> orders(done, run, true).equals(orders(done, run, false)))
            .toList();
    all.addAll(group(whole, run -> ALL_ORDERS));
    return all;
  }

  /**
   * A sentence for each setting about methods that lack orders, and are in no table of all, and
   * about those whose mean over all orders is more of one than of another.
   */
  static List<String> lacking(List<RunFigures> runs) {
    List<RunFigures> done = runs.stream().filter(RunFigures::isDone).toList();
    SortedMap<String, Set<String>> lack = new TreeMap<>();
    SortedMap<String, Set<String>> uneven = new TreeMap<>();
    for (RunFigures run : done) {
      String setting = run.cell().setting();
      Set<String> lacks = orders(done, run, false);
      lacks.removeAll(orders(done, run, true));
      SortedMap<String, Set<Long>> seeds = seeds(done, run);
      if (!lacks.isEmpty()) {
        lack.computeIfAbsent(setting, any -> new TreeSet<>())
            .add("%s (no run of %s)".formatted(run.cell().method(), String.join(", ", lacks)));
      } else if (Set.copyOf(seeds.values()).size() > 1) {
        uneven
            .computeIfAbsent(setting, any -> new TreeSet<>())
            .add("%s (seeds %s)".formatted(run.cell().method(), text(seeds)));
      }
    }
    List<String> sentences = new ArrayList<>();
    lack.forEach(
        (setting, methods) ->
            sentences.add(
                "In setting %s these lack orders that others have, and are not among the figures of all orders: %s."
                    .formatted(setting, String.join("; ", methods))));
    uneven.forEach(
        (setting, methods) ->
            sentences.add(
                "In setting %s these have not the same seeds in all orders, so that their means over all orders do not weigh them alike, and no difference is told of them there: %s."
                    .formatted(setting, String.join("; ", methods))));
    return sentences;
  }

  /** By order, the seeds with which the method of {@code run} has runs in its setting. */
  private static SortedMap<String, Set<Long>> seeds(List<RunFigures> done, RunFigures run) {
    SortedMap<String, Set<Long>> seeds = new TreeMap<>();
    for (RunFigures one : done) {
      if (one.cell().setting().equals(run.cell().setting())
          && one.cell().method().equals(run.cell().method())) {
        seeds.computeIfAbsent(one.cell().order(), any -> new TreeSet<>()).add(one.cell().seed());
      }
    }
    return seeds;
  }

  private static String text(SortedMap<String, Set<Long>> seeds) {
    return seeds.entrySet().stream()
        .map(
            of ->
                of.getValue().stream().map(String::valueOf).collect(Collectors.joining(" "))
                    + " of "
                    + of.getKey())
        .collect(Collectors.joining(", "));
  }

  /** The orders of which {@code done} has runs in the setting of {@code run}. */
  private static Set<String> orders(List<RunFigures> done, RunFigures run, boolean ofMethod) {
    Set<String> orders = new TreeSet<>();
    for (RunFigures one : done) {
      if (one.cell().setting().equals(run.cell().setting())
          && (!ofMethod || one.cell().method().equals(run.cell().method()))) {
        orders.add(one.cell().order());
      }
    }
    return orders;
  }

  private static List<MethodFigures> group(
      List<RunFigures> runs, Function<RunFigures, String> order) {
    Map<List<String>, List<RunFigures>> groups = new LinkedHashMap<>();
    for (RunFigures run : runs) {
      List<String> key = List.of(run.cell().setting(), order.apply(run), run.cell().method());
      groups.computeIfAbsent(key, name -> new ArrayList<>()).add(run);
    }
    List<MethodFigures> figures = new ArrayList<>();
    groups.forEach((key, group) -> figures.add(of(key, group)));
    return figures;
  }

  private static MethodFigures of(List<String> key, Collection<RunFigures> runs) {
    Map<Measure, Spread> measures = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      spread(runs, run -> run.measures().get(measure))
          .ifPresent(spread -> measures.put(measure, spread));
    }
    SortedMap<UnseenCategory, Spread> unseen = new TreeMap<>();
    for (UnseenCategory category : runs.iterator().next().unseen().keySet()) {
      spread(runs, run -> run.unseen().get(category))
          .ifPresent(spread -> unseen.put(category, spread));
    }
    return new MethodFigures(
        key.get(0),
        key.get(1),
        key.get(2),
        runs.size(),
        ContinualMethods.named(key.get(2)).has(Trait.NEEDS_TASK),
        String.join("/", new TreeSet<>(runs.stream().map(RunFigures::samples).toList())),
        measures,
        tasks(runs, TaskScores::learnt),
        tasks(runs, TaskScores::last),
        unseen);
  }

  /** By task, in the order of the first run. */
  private static Map<String, Spread> tasks(
      Collection<RunFigures> runs, Function<TaskScores, Double> score) {
    Map<String, Spread> tasks = new LinkedHashMap<>();
    for (String task : runs.iterator().next().tasks().keySet()) {
      spread(runs, run -> run.tasks().containsKey(task) ? score.apply(run.tasks().get(task)) : null)
          .ifPresent(spread -> tasks.put(task, spread));
    }
    return tasks;
  }

  /** Empty where one of them has no value. */
  private static Optional<Spread> spread(
      Collection<RunFigures> runs, Function<RunFigures, Double> value) {
    List<Double> values = runs.stream().map(value).filter(Objects::nonNull).toList();
    return values.size() == runs.size() ? Optional.of(Spread.of(values)) : Optional.empty();
  }
}
