package org.dapt.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import org.dapt.metric.ContinualMetrics;
import org.dapt.metric.ScoreMatrix;
import org.dapt.run.TrainingCost;
import org.dapt.run.TrainingSummary;
import org.dapt.score.UnseenScores;

/** The report for machines: one JSON document with what the text says. */
public final class JsonReport {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonReport() {}

  /**
   * The report on everything that was evaluated so far.
   *
   * @throws org.dapt.error.InputException where nothing is evaluated yet
   */
  public static String of(RunResults results) throws IOException {
    Evaluation evaluation = results.evaluated();
    ObjectNode report = JSON.createObjectNode();
    report.put("format", "1");
    report.put("run_id", results.run().runId());
    report.put("run", results.run().root().toString());
    report.put("method", results.config().method().name());
    report.put("seed", results.config().run().seed());
    report.put("metric", results.config().tasks().metric().text());
    report.put("split", results.split());
    evaluation.tasks().forEach(report.putArray("tasks")::add);
    for (String task : evaluation.tasks()) {
      if (results.config().metric(task) != results.config().tasks().metric()) {
        report.withObject("/task_metrics").put(task, results.config().metric(task).text());
      }
    }
    if (!results.testDrawnFrom().isEmpty()) {
      results.testDrawnFrom().forEach(report.putObject("test_drawn_from")::put);
    }
    if (!results.testHeldOut().isEmpty()) {
      results.testHeldOut().forEach(report.putArray("test_held_out")::add);
    }
    scores(report.putArray("scores"), evaluation.matrix());
    metrics(report.putObject("metrics"), evaluation.metrics());
    put(report, "selection_accuracy", evaluation.selectionAccuracy());
    if (!results.unseen().isEmpty()) {
      ArrayNode sets = report.putArray("unseen");
      results.unseen().forEach(unseen -> unseen(sets.addObject(), unseen));
    }
    training(report.putArray("training"), results.costs().subList(0, evaluation.tasks().size()));
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report)
        + System.lineSeparator();
  }

  /** The scores on a set of unseen tasks as a document of their own. */
  public static String of(UnseenScores unseen) throws IOException {
    ObjectNode document = JSON.createObjectNode();
    document.put("format", "1");
    unseen(document, unseen);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document)
        + System.lineSeparator();
  }

  private static void unseen(ObjectNode object, UnseenScores unseen) {
    object.put("set", unseen.set());
    object.put("step", unseen.step());
    unseen.learnt().forEach(object.putArray("learnt")::add);
    means(object.putObject("mean"), unseen, unseen.tasks());
    ArrayNode categories = object.putArray("categories");
    for (UnseenScores.Category category : unseen.categories()) {
      ObjectNode one = categories.addObject().put("category", category.name());
      means(one.putObject("mean"), unseen, category.tasks());
      ArrayNode tasks = one.putArray("tasks");
      for (String task : category.tasks()) {
        ObjectNode line =
            tasks.addObject().put("task", task).put("examples", unseen.examples(task));
        means(line.putObject("scores"), unseen, List.of(task));
        if (unseen.meanAttention().containsKey(task)) {
          unseen.meanAttention().get(task).forEach(line.putArray("mean_attention")::add);
        }
      }
    }
  }

  private static void means(ObjectNode object, UnseenScores unseen, List<String> tasks) {
    UnseenText.metrics(unseen).forEach(metric -> put(object, metric, unseen.mean(tasks, metric)));
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

  private static void training(ArrayNode tasks, List<TrainingCost> costs) {
    for (TrainingCost cost : costs) {
      tasks
          .addObject()
          .put("task", cost.task())
          .put(TrainingSummary.STEPS, cost.training().steps())
          .put(TrainingSummary.SECONDS, cost.training().seconds())
          .put(TrainingSummary.TOKENS_PER_SECOND, cost.training().tokensPerSecond())
          .put(TrainingSummary.RANKS, cost.training().ranks())
          .put(TrainingSummary.RESIDENT_BYTES, cost.training().residentBytes());
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
