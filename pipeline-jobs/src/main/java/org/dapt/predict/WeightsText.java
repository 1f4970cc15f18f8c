package org.dapt.predict;

import java.util.Locale;
import java.util.Map;

/** The attention weights of an input, a line a task. */
final class WeightsText {
  private static final int WIDTH = 30;

  /** A cell by eighths, as far as they are filled. */
  private static final String[] EIGHTHS = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

  private final boolean bars;

  /**
   * @param bars whether weights are also drawn
   */
  WeightsText(boolean bars) {
    this.bars = bars;
  }

  /** The lines of {@code prediction}; none without attention. */
  String of(Prediction prediction) {
    if (prediction.weights() == null) {
      return "";
    }
    int width = prediction.weights().keySet().stream().mapToInt(String::length).max().orElse(1);
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Double> weight : prediction.weights().entrySet()) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-" + width + "s  %.3f%s%s%n",
              weight.getKey(),
              weight.getValue(),
              bars ? "  " + bar(weight.getValue()) : "",
              weight.getKey().equals(prediction.chosenTask()) ? (bars ? " ◀" : "  *") : ""));
    }
    return text.toString();
  }

  private static String bar(double share) {
    int eighths = (int) Math.round(share * WIDTH * 8);
    return "█".repeat(eighths / 8) + EIGHTHS[eighths % 8];
  }
}
