package org.dapt.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.dapt.metric.AttentionMapText;
import org.dapt.metric.ScoreMatrixText;
import org.dapt.run.TrainingCost;
import org.dapt.score.AttentionTable;

/** The score matrix, the metrics, the attention and what training took, as text for a terminal. */
public final class TextReport {
  private TextReport() {}

  /**
   * The report on everything that was evaluated so far, in lines that end with {@code \n}.
   *
   * @throws org.dapt.error.InputException where nothing is evaluated yet
   */
  public static String of(SparkSession spark, RunResults results) {
    Evaluation evaluation = results.evaluated();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Method %s, seed %d, metric %s%n%n",
            results.config().method().name(),
            results.config().run().seed(),
            results.metricText()));
    text.append(ScoreMatrixText.render(evaluation.matrix(), evaluation.metrics()));
    text.append(draws(results, evaluation));
    text.append(heldOut(results, evaluation));
    evaluation
        .selectionAccuracy()
        .ifPresent(
            value ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "Selection accuracy %.1f (the largest attention weight is that of the"
                            + " input's task)%n",
                        value)));
    text.append(attention(spark, results, evaluation));
    results.unseen().forEach(unseen -> text.append('\n').append(UnseenText.of(unseen)));
    text.append(costs(results.costs().subList(0, evaluation.tasks().size())));
    return text.toString();
  }

  /** Which scores are of examples that were training examples; empty where none are. */
  private static String heldOut(RunResults results, Evaluation evaluation) {
    String tasks =
        IntStream.range(0, evaluation.tasks().size())
            .filter(i -> results.testHeldOut().contains(evaluation.tasks().get(i)))
            .mapToObj(i -> "t" + (i + 1))
            .collect(Collectors.joining(", "));
    return tasks.isEmpty()
        ? ""
        : "Test examples are held out of train (tasks.hold-out), for want of a test split: %s%n"
            .formatted(tasks);
  }

  /** Which scores are of a draw of the test examples; empty where all are of all. */
  private static String draws(RunResults results, Evaluation evaluation) {
    String drawn =
        IntStream.range(0, evaluation.tasks().size())
            .filter(i -> results.testDrawnFrom().containsKey(evaluation.tasks().get(i)))
            .mapToObj(
                i -> {
                  String task = evaluation.tasks().get(i);
                  return "t%d %d of %d"
                      .formatted(
                          i + 1,
                          evaluation.examples().get(task),
                          results.testDrawnFrom().get(task));
                })
            .collect(Collectors.joining(", "));
    return drawn.isEmpty()
        ? ""
        : "Scores are of a draw of the test examples (tasks.max-test): %s%n".formatted(drawn);
  }

  /** Selection accuracy by task and step and the last step's weights; empty without attention. */
  private static String attention(SparkSession spark, RunResults results, Evaluation evaluation) {
    if (!results.weighsBlocks()) {
      return "";
    }
    List<String> tasks = evaluation.tasks();
    String selection =
        evaluation
            .selection()
            .map(
                matrix ->
                    "\n"
                        + ScoreMatrixText.table(
                            "Selection accuracy in per cent on each task (columns) after learning a"
                                + " task (rows)",
                            matrix))
            .orElse("");
    return selection
        + "\n"
        + AttentionMapText.render(
            tasks,
            AttentionTable.read(spark, results.run().results().attention(tasks.size()), tasks));
  }

  private static String costs(List<TrainingCost> costs) {
    StringBuilder lines = new StringBuilder("\nTraining\n");
    for (int i = 0; i < costs.size(); i++) {
      lines.append("  t").append(i + 1).append("  ").append(costs.get(i).text()).append('\n');
    }
    return lines.toString();
  }
}
