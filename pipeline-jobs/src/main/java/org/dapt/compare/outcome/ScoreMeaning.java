package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.report.Evaluation;
import org.dapt.report.RunResults;

/** What the scores of a comparison are: by which metric, on which examples, of which model. */
final class ScoreMeaning {
  private ScoreMeaning() {}

  /** Those of a run that is evaluated, to be put behind "Scores are". */
  static String of(RunResults results) {
    DaptConfig config = results.config();
    Evaluation evaluation = results.evaluation().orElseThrow();
    int tasks = evaluation.tasks().size();
    int drawn = results.testDrawnFrom().size();
    int heldOut = results.testHeldOut().size();
    String examples = examples(evaluation);
    if (drawn > 0) {
      examples += ", a draw of more in %d of %d (tasks.max-test)".formatted(drawn, tasks);
    }
    if (heldOut > 0) {
      examples += ", held out of train in %d of %d (tasks.hold-out)".formatted(heldOut, tasks);
    }
    return "%s on the %s split of the tasks, %s, of the model %s"
        .formatted(
            metrics(config, evaluation.tasks()),
            config.evaluate().split().split().folder(),
            examples,
            new Path(config.model().path()).getName());
  }

  private static String examples(Evaluation evaluation) {
    long least = evaluation.examples().values().stream().mapToLong(Long::longValue).min().orElse(0);
    long most = evaluation.examples().values().stream().mapToLong(Long::longValue).max().orElse(0);
    return least == most
        ? "%d examples each".formatted(most)
        : "%d to %d examples each".formatted(least, most);
  }

  private static String metrics(DaptConfig config, List<String> tasks) {
    String all = config.tasks().metric().text();
    Set<String> others = new TreeSet<>();
    for (String task : tasks) {
      String own = config.metric(task).text();
      if (!own.equals(all)) {
        others.add(own + " on " + task);
      }
    }
    return others.isEmpty() ? all : "%s (%s)".formatted(all, String.join(", ", others));
  }

  /** Sentences about the scores of those of {@code runs} that are done. */
  static List<String> notes(List<RunFigures> runs) {
    List<RunFigures> done = runs.stream().filter(RunFigures::isDone).toList();
    Map<String, Set<String>> whose = new LinkedHashMap<>();
    for (RunFigures run : done) {
      whose.computeIfAbsent(run.scored(), text -> new LinkedHashSet<>()).add(name(done, run));
    }
    List<String> notes = new ArrayList<>();
    whose.forEach(
        (text, names) ->
            notes.add(
                whose.size() == 1
                    ? "Scores are %s.".formatted(text)
                    : "Scores of %s are %s.".formatted(String.join(", ", names), text)));
    return notes;
  }

  /** As little as tells what has other scores than {@code run}. */
  private static String name(List<RunFigures> done, RunFigures run) {
    Predicate<RunFigures> ofSetting = one -> one.cell().setting().equals(run.cell().setting());
    Predicate<RunFigures> ofOrder =
        ofSetting.and(one -> one.cell().order().equals(run.cell().order()));
    String setting = "setting " + run.cell().setting();
    if (areAlike(done, ofSetting)) {
      return setting;
    }
    String order = "order %s of %s".formatted(run.cell().order(), setting);
    return areAlike(done, ofOrder) ? order : "%s in %s".formatted(run.cell().method(), order);
  }

  private static boolean areAlike(List<RunFigures> done, Predicate<RunFigures> which) {
    return done.stream().filter(which).map(RunFigures::scored).distinct().count() == 1;
  }
}
