package org.dapt.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightsTextTest {
  private static Prediction mixed() {
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put("colour", 0.75);
    weights.put("of-order", 0.25);
    return new Prediction(0, "0", "a", "b", "colour", weights, 1, false, 1, null);
  }

  @Test
  void filesGetNumbersAndTerminalsBars() {
    assertThat(new WeightsText(false).of(mixed()).lines())
        .containsExactly("  colour    0.750  *", "  of-order  0.250");
    assertThat(new WeightsText(true).of(mixed()).lines())
        .containsExactly(
            "  colour    0.750  " + "█".repeat(22) + "▌ ◀",
            "  of-order  0.250  " + "█".repeat(7) + "▌");
  }

  @Test
  void nothingIsShownWhereNothingIsMixed() {
    assertThat(new WeightsText(true).of(Prediction.failed(0, "0", null, "none"))).isEmpty();
  }
}
