package org.dapt.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.hadoop.fs.Path;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.metric.AttentionMapText;
import org.dapt.metric.ContinualMetrics;
import org.dapt.metric.ScoreMatrix;
import org.dapt.metric.ScoreMatrixText;
import org.dapt.run.RunDirectory;
import org.dapt.score.AttentionTable;
import org.dapt.score.ScoreMatrices;
import org.dapt.score.ScoreRow;
import org.dapt.score.ScoreTable;

/** Writes the score matrix, the metrics, the attention and what training took as text. */
final class ReportJob {
  private final JobContext context;

  ReportJob(JobContext context) {
    this.context = context;
  }

  /** The report on everything that was evaluated so far. */
  String run() {
    RunDirectory run = context.run();
    List<ScoreRow> rows = ScoreTable.read(context.spark(), run.scores());
    if (rows.isEmpty()) {
      throw new InputException(
          "The run "
              + run.root()
              + " has no scores yet. Run dapt run, or train and evaluate, first.");
    }
    int steps = rows.stream().mapToInt(ScoreRow::step).max().orElseThrow();
    List<String> tasks = run.learnt().subList(0, steps);
    String metric = context.config().tasks().metric();
    ScoreMatrix matrix = ScoreMatrices.of(rows, metric, tasks);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Method %s, seed %d, metric %s%n%n",
            context.config().method().name(),
            context.config().run().seed(),
            metric));
    text.append(ScoreMatrixText.render(matrix, ContinualMetrics.of(matrix, singleTask(metric))));
    selection(rows, steps)
        .ifPresent(
            value ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "Selection accuracy %.1f (the largest attention weight is that of the input's task)%n",
                        value)));
    text.append(attention(rows, tasks));
    text.append(costs(tasks));
    return text.toString();
  }

  /** The scores of the single-task run by task; none where no such run is configured. */
  Map<String, Double> singleTask(String metric) {
    String folder = context.config().evaluate().singleTaskRun();
    if (folder == null) {
      return Map.of();
    }
    RunDirectory single = RunDirectory.open(context.hadoop(), new Path(folder));
    if (!single.identity().method().equals("single-task")) {
      throw new ConfigException(
          "evaluate.single-task-run is %s, a run of method %s; expected one of method single-task."
              .formatted(folder, single.identity().method()));
    }
    return ScoreMatrices.singleTask(ScoreTable.read(context.spark(), single.scores()), metric);
  }

  private static OptionalDouble selection(List<ScoreRow> rows, int step) {
    return rows.stream()
        .filter(row -> row.step() == step && row.metric().equals(ScoreRow.SELECTION_ACCURACY))
        .mapToDouble(ScoreRow::value)
        .average();
  }

  /** Selection accuracy by task and step and the last step's weights; empty without attention. */
  private String attention(List<ScoreRow> rows, List<String> tasks) {
    if (rows.stream().noneMatch(row -> row.metric().equals(ScoreRow.SELECTION_ACCURACY))) {
      return "";
    }
    Path weights = context.run().attention(tasks.size());
    return "\n"
        + ScoreMatrixText.table(
            "Selection accuracy in per cent on each task (columns) after learning a task (rows)",
            ScoreMatrices.of(rows, ScoreRow.SELECTION_ACCURACY, tasks))
        + "\n"
        + AttentionMapText.render(tasks, AttentionTable.read(context.spark(), weights, tasks));
  }

  private String costs(List<String> tasks) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Training");
    for (int i = 0; i < tasks.size(); i++) {
      Path folder = context.run().task(i + 1, tasks.get(i));
      TrainingCost cost = TrainingCost.of(tasks.get(i), context.run().marker(folder));
      lines.add("  t" + (i + 1) + "  " + cost.text());
    }
    return String.join("\n", lines) + "\n";
  }
}
