package org.dapt.report;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.dapt.run.TrainingCost;

/**
 * Everything that the template of the page refers to.
 *
 * @param facts what run it is, for its head
 * @param notices what is missing or not finished yet
 * @param matrix null where nothing is evaluated yet
 * @param selection selection accuracy; null where blocks are not chosen
 * @param attention mean weights after each evaluated step; empty without attention
 * @param unseen one for each set of unseen tasks that was evaluated
 * @param lastStep how many tasks were learnt at the last evaluation; 0 where there was none
 * @param split name of the split whose examples are answered
 * @param configuration as HOCON, without secrets
 * @param chartData see {@link ChartData}
 */
public record Page(
    List<Fact> facts,
    List<String> notices,
    List<MetricLine> metrics,
    List<TaskLine> tasks,
    HeatMap matrix,
    HeatMap selection,
    List<HeatMap> attention,
    List<UnseenSection> unseen,
    int lastStep,
    String split,
    List<ForgottenTask> forgotten,
    List<LossCurve> losses,
    List<TrainingCost> costs,
    String configuration,
    List<Fact> environment,
    String chartData,
    PageAssets assets) {
  /** A name and what it stands for. */
  public record Fact(String name, String value) {}

  private static final int SHOWN_CHARACTERS = 600;

  /** The longest training in seconds, at least 1. */
  public double mostSeconds() {
    return most(cost -> cost.training().seconds());
  }

  /** The highest throughput in tokens per second, at least 1. */
  public double mostTokensPerSecond() {
    return most(cost -> cost.training().tokensPerSecond());
  }

  /** The most memory in MiB, at least 1. */
  public double mostMib() {
    return most(TrainingCost::residentMib);
  }

  private double most(ToDoubleFunction<TrainingCost> value) {
    return Math.max(1, costs.stream().mapToDouble(value).max().orElse(1));
  }

  /** A text of the data as it is shown: not longer than a screen, and not nothing. */
  public String shown(String text) {
    if (text.isBlank()) {
      return "(empty)";
    }
    int length = text.codePointCount(0, text.length());
    return length <= SHOWN_CHARACTERS
        ? text
        : "%s … (%d more characters)"
            .formatted(
                text.substring(0, text.offsetByCodePoints(0, SHOWN_CHARACTERS)),
                length - SHOWN_CHARACTERS);
  }

  /** What the task of {@code curve} is called: tasks without steps have no curve. */
  public String label(LossCurve curve) {
    return tasks.stream()
        .filter(task -> task.name().equals(curve.task()))
        .map(TaskLine::label)
        .findFirst()
        .orElseThrow();
  }

  /** The terms of the loss beside the cross-entropy, by name. */
  public List<String> terms() {
    return LossCurve.terms(losses);
  }

  /** A term as a heading. */
  public String title(String term) {
    String words = term.replace('_', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  /** Whether the term was other than 0 in any step. */
  public boolean takesPart(String term) {
    return losses.stream()
        .flatMap(curve -> curve.points().stream())
        .anyMatch(point -> point.term(term) != 0);
  }

  /** The mean cross-entropy at the start of {@code curve}. */
  public double crossEntropyAtFirst(LossCurve curve) {
    return curve.atFirst(LossCurve.Point::crossEntropy);
  }

  /** The mean cross-entropy at the end of {@code curve}. */
  public double crossEntropyAtLast(LossCurve curve) {
    return curve.atLast(LossCurve.Point::crossEntropy);
  }

  /** The mean of a term at the end of {@code curve}. */
  public double termAtLast(LossCurve curve, String term) {
    return curve.atLast(point -> point.term(term));
  }

  /** The mean loss at the end of {@code curve}. */
  public double lossAtLast(LossCurve curve) {
    return curve.atLast(LossCurve.Point::loss);
  }
}
