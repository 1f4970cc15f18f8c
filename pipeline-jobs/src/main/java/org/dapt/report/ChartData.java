package org.dapt.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.dapt.metric.ScoreMatrix;

/** What the page's script draws, as JSON. */
final class ChartData {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ChartData() {}

  /**
   * An object of {@code scores} (one row a task: the score after each step, null where there is
   * none), {@code bands} (the tasks along the steps of the stream), {@code steps} with a gap
   * between tasks, and for {@code crossEntropy} and each of {@code terms} the values at these steps
   * with their smoothed course. It can stand in a script element: no tag can begin in it.
   */
  static String of(RunResults results, List<LossCurve> losses) {
    ObjectNode data = JSON.createObjectNode();
    results.evaluation().ifPresent(evaluation -> data.set("scores", scores(evaluation.matrix())));
    ArrayNode bands = data.putArray("bands");
    ArrayNode steps = data.putArray("steps");
    ObjectNode crossEntropy = data.putObject("crossEntropy");
    Map<String, ObjectNode> terms = new LinkedHashMap<>();
    ObjectNode all = data.putObject("terms");
    LossCurve.terms(losses).forEach(term -> terms.put(term, all.putObject(term)));
    long before = 0;
    for (LossCurve curve : losses) {
      bands
          .addObject()
          .put("label", HeatMap.label(results.learnt().indexOf(curve.task())))
          .put("from", before)
          .put("to", before + curve.steps());
      if (before > 0) {
        // A gap: two tasks are not one curve.
        steps.add(before + 0.5);
        gap(crossEntropy);
        terms.values().forEach(ChartData::gap);
      }
      for (LossCurve.Point point : curve.points()) {
        steps.add(before + point.step());
      }
      add(crossEntropy, curve, LossCurve.Point::crossEntropy);
      terms.forEach((name, values) -> add(values, curve, point -> point.term(name)));
      before += curve.steps();
    }
    try {
      return JSON.writeValueAsString(data).replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Numbers and labels are JSON", e);
    }
  }

  private static ArrayNode scores(ScoreMatrix matrix) {
    ArrayNode tasks = JSON.createArrayNode();
    for (int j = 0; j < matrix.size(); j++) {
      ArrayNode course = tasks.addArray();
      for (int i = 0; i < matrix.size(); i++) {
        if (i >= j && matrix.score(i, j).isPresent()) {
          course.add(matrix.score(i, j).getAsDouble());
        } else {
          course.addNull();
        }
      }
    }
    return tasks;
  }

  private static void gap(ObjectNode target) {
    target.withArray("/raw").addNull();
    target.withArray("/smooth").addNull();
  }

  private static void add(
      ObjectNode target, LossCurve curve, ToDoubleFunction<LossCurve.Point> value) {
    ArrayNode raw = target.withArray("/raw");
    curve.points().forEach(point -> number(raw, value.applyAsDouble(point)));
    ArrayNode smooth = target.withArray("/smooth");
    for (double one : curve.smoothed(value)) {
      number(smooth, one);
    }
  }

  /** A loss that is no number leaves a gap: JSON has no word for it. */
  private static void number(ArrayNode values, double value) {
    if (Double.isFinite(value)) {
      // Six digits are more than a screen shows.
      values.add(new java.math.BigDecimal(value).round(new java.math.MathContext(6)));
    } else {
      values.addNull();
    }
  }
}
