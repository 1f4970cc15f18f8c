package org.dapt.score;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.dapt.error.InputException;
import org.dapt.run.ResultFolders;
import org.dapt.run.RunDirectory;
import org.dapt.run.RunFolder;

/**
 * How a run fared after one step on a set of tasks that it has not learnt, as it is stored.
 *
 * @param set the name of the set, that of the folder of its tasks
 * @param learnt the tasks learnt by then, the oldest first: their blocks made the answers
 * @param scores by category, task and metric
 * @param meanAttention by task, the mean attention weight of each block; empty for methods that do
 *     not choose blocks
 */
public record UnseenScores(
    String set,
    List<String> learnt,
    List<UnseenScore> scores,
    Map<String, List<Double>> meanAttention) {
  /** What a task is filed under where neither its files nor the configuration say it. */
  public static final String NO_CATEGORY = "Other";

  /**
   * The tasks of one kind.
   *
   * @param name of the category
   * @param tasks by name
   */
  public record Category(String name, List<String> tasks) {}

  /**
   * The newest scores on each set of unseen tasks that {@code run} was evaluated on, by the name of
   * the set; none where there are none.
   *
   * @throws InputException if stored tables are damaged
   */
  public static List<UnseenScores> ofRun(SparkSession spark, RunDirectory run) {
    List<UnseenScores> found = new ArrayList<>();
    for (String set : children(run, RunFolder.UNSEEN.in(run.root()))) {
      for (int step = run.learnt().size(); step > 0; step--) {
        Optional<UnseenScores> scores = of(spark, run, set, step);
        if (scores.isPresent()) {
          found.add(scores.get());
          break;
        }
      }
    }
    return found;
  }

  /**
   * The scores on the set {@code set} after {@code step} learnt tasks; empty where that was not
   * evaluated to its end.
   *
   * @throws InputException if stored tables are damaged, or not so many tasks are learnt
   */
  public static Optional<UnseenScores> of(
      SparkSession spark, RunDirectory run, String set, int step) {
    ResultFolders folders = run.unseen(set);
    if (!run.marker(folders.scores(step))
        .configHash()
        .filter(run.identity().configHash()::equals)
        .isPresent()) {
      return Optional.empty();
    }
    List<String> learnt = run.learnt();
    if (step > learnt.size()) {
      throw new InputException(
          "%s has scores of step %d, but only %d tasks are learnt. Delete the folder, or restore the tasks."
              .formatted(folders.scores(), step, learnt.size()));
    }
    List<UnseenScore> scores = UnseenTable.read(spark, folders.scores(step), step);
    List<String> by = learnt.subList(0, step);
    return Optional.of(
        new UnseenScores(
            set, by, scores, attention(spark, run, folders.attention(step), scores, by)));
  }

  private static Map<String, List<Double>> attention(
      SparkSession spark,
      RunDirectory run,
      Path folder,
      List<UnseenScore> scores,
      List<String> learnt) {
    Map<String, List<Double>> attention = new LinkedHashMap<>();
    if (children(run, folder).isEmpty()) {
      return attention;
    }
    List<String> tasks =
        scores.stream().map(score -> score.score().evaluatedTask()).distinct().toList();
    double[][] weights = AttentionTable.read(spark, folder, tasks, learnt);
    for (int i = 0; i < tasks.size(); i++) {
      attention.put(tasks.get(i), Arrays.stream(weights[i]).boxed().toList());
    }
    return attention;
  }

  private static List<String> children(RunDirectory run, Path folder) {
    try {
      return Arrays.stream(run.files().listStatus(folder))
          .map(FileStatus::getPath)
          .map(Path::getName)
          .filter(name -> !name.startsWith(".") && !name.startsWith("_"))
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be listed", e);
    }
  }

  /** After how many learnt tasks. */
  public int step() {
    return learnt.size();
  }

  /** The categories by name, each with its tasks. */
  public List<Category> categories() {
    Map<String, List<String>> tasks = new LinkedHashMap<>();
    for (UnseenScore score : scores) {
      List<String> of = tasks.computeIfAbsent(score.category(), any -> new ArrayList<>());
      if (!of.contains(score.score().evaluatedTask())) {
        of.add(score.score().evaluatedTask());
      }
    }
    return tasks.entrySet().stream()
        .map(entry -> new Category(entry.getKey(), List.copyOf(entry.getValue())))
        .toList();
  }

  /** All tasks, by category and name. */
  public List<String> tasks() {
    return categories().stream().flatMap(category -> category.tasks().stream()).toList();
  }

  /** How many test examples of {@code task} were answered. */
  public long examples(String task) {
    return scores.stream()
        .map(UnseenScore::score)
        .filter(score -> score.evaluatedTask().equals(task))
        .mapToLong(ScoreRow::examples)
        .findFirst()
        .orElse(0);
  }

  /** Whether there are scores of {@code metric}. */
  public boolean has(String metric) {
    return scores.stream().anyMatch(score -> score.score().metric().equals(metric));
  }

  /**
   * The mean over {@code tasks} of their scores in per cent, each task counting alike; empty where
   * one of them has none.
   *
   * @param metric one of {@link ScoreRow#METRICS}
   */
  public OptionalDouble mean(List<String> tasks, String metric) {
    double sum = 0;
    for (String task : tasks) {
      OptionalDouble value =
          scores.stream()
              .map(UnseenScore::score)
              .filter(score -> score.evaluatedTask().equals(task) && score.metric().equals(metric))
              .mapToDouble(ScoreRow::value)
              .findFirst();
      if (value.isEmpty()) {
        return value;
      }
      sum += value.getAsDouble();
    }
    return tasks.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum / tasks.size());
  }
}
