package org.dapt.cli;

import java.util.Locale;
import java.util.Map;
import org.dapt.predict.PredictSummary;

/** What came of a prediction, for people. */
final class PredictionText {
  private final StringBuilder text = new StringBuilder();

  private PredictionText() {}

  /** Lines that end as those of this machine do. */
  static String of(PredictSummary summary) {
    PredictionText lines = new PredictionText();
    Map<String, Long> counts = summary.counts();
    lines.add(
        "%d predictions in %s: %d answered, %d with an error, %d inputs cut, %d blank",
        counts.get("examples"),
        summary.output(),
        counts.get("examples") - counts.get("failed"),
        counts.get("failed"),
        counts.get("cut"),
        counts.get("blank"));
    if (!summary.firstError().isEmpty()) {
      lines.add("The first error is that of %s", summary.firstError());
    }
    if (summary.answeredNow() > 0) {
      lines.add(
          "%s",
          PredictSummary.speed(summary.answeredNow(), summary.tokensNow(), summary.seconds()));
    }
    if (!summary.chosen().isEmpty()) {
      lines.add("Chosen by the attention:");
      int width = summary.chosen().keySet().stream().mapToInt(String::length).max().orElse(1);
      summary.chosen().forEach((task, count) -> lines.add("  %-" + width + "s  %d", task, count));
    }
    return lines.text.toString();
  }

  private void add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
