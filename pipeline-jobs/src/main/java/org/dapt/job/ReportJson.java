package org.dapt.job;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.hadoop.fs.Path;
import org.dapt.metric.ContinualMetrics;
import org.dapt.metric.ScoreMatrix;
import org.dapt.score.ScoreMatrices;
import org.dapt.score.ScoreRow;

/** The report for machines: one JSON document with what the text says. */
final class ReportJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final JobContext context;

  ReportJson(JobContext context) {
    this.context = context;
  }

  /** The report on everything that was evaluated so far. */
  String run() throws IOException {
    List<ScoreRow> rows = ReportJob.rows(context);
    int steps = rows.stream().mapToInt(ScoreRow::step).max().orElseThrow();
    List<String> tasks = context.run().learnt().subList(0, steps);
    String metric = context.config().tasks().metric();
    ScoreMatrix matrix = ScoreMatrices.of(rows, metric, tasks);
    ObjectNode report = JSON.createObjectNode();
    report.put("format", "1");
    report.put("run_id", context.run().runId());
    report.put("run", context.run().root().toString());
    report.put("method", context.config().method().name());
    report.put("seed", context.config().run().seed());
    report.put("metric", metric);
    tasks.forEach(report.putArray("tasks")::add);
    scores(report.putArray("scores"), matrix);
    metrics(
        report.putObject("metrics"),
        ContinualMetrics.of(matrix, ReportJob.singleTask(context, metric)));
    put(report, "selection_accuracy", ReportJob.selection(rows, steps));
    training(report.putArray("training"), tasks);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report)
        + System.lineSeparator();
  }

  /** Row i: the scores on each task after learning task i. */
  private static void scores(ArrayNode rows, ScoreMatrix matrix) {
    for (int i = 0; i < matrix.size(); i++) {
      ArrayNode row = rows.addArray();
      for (int j = 0; j <= i; j++) {
        OptionalDouble score = matrix.score(i, j);
        if (score.isPresent()) {
          row.add(score.getAsDouble());
        } else {
          row.addNull();
        }
      }
    }
  }

  private static void metrics(ObjectNode object, ContinualMetrics metrics) {
    put(object, "ap", metrics.averagePerformance());
    put(object, "f-ra", metrics.forgetting());
    put(object, "fwt", metrics.forwardTransfer());
    put(object, "bwt", metrics.backwardTransfer());
    put(object, "bwt-lopez-paz", metrics.backwardTransferLopezPaz());
  }

  private void training(ArrayNode costs, List<String> tasks) {
    for (int i = 0; i < tasks.size(); i++) {
      Path folder = context.run().task(i + 1, tasks.get(i));
      TrainingCost cost = TrainingCost.of(tasks.get(i), context.run().marker(folder));
      costs
          .addObject()
          .put("task", cost.task())
          .put("steps", cost.steps())
          .put("seconds", cost.seconds())
          .put("tokens_per_second", cost.tokensPerSecond())
          .put("ranks", cost.ranks())
          .put("resident_bytes", cost.residentBytes());
    }
  }

  private static void put(ObjectNode object, String name, OptionalDouble value) {
    if (value.isPresent()) {
      object.put(name, value.getAsDouble());
    } else {
      object.putNull(name);
    }
  }
}
