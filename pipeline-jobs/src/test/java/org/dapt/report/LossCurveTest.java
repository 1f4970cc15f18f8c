package org.dapt.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.dapt.report.LossCurve.Point;
import org.junit.jupiter.api.Test;

class LossCurveTest {
  @Test
  void smoothingKeepsALineAndItsEnds() {
    LossCurve line = curve(200, i -> 5 - i / 100.0);
    double[] smooth = line.smoothed(Point::loss);
    for (int i = 0; i < smooth.length; i++) {
      assertThat(smooth[i]).isCloseTo(line.points().get(i).loss(), within(1e-12));
    }
  }

  @Test
  void smoothingDampsWhatAlternates() {
    double[] smooth = curve(200, i -> i % 2 == 0 ? 2 : 0).smoothed(Point::loss);
    assertThat(Arrays.stream(smooth, 20, 180).boxed())
        .allSatisfy(value -> assertThat(value).isBetween(0.9, 1.1));
  }

  @Test
  void fewStepsStayAsTheyAre() {
    assertThat(curve(3, i -> i * i).smoothed(Point::loss)).containsExactly(0, 1, 4);
  }

  @Test
  void endsAreMeansOfATenthOfThePoints() {
    LossCurve curve = curve(50, i -> i);
    assertThat(curve.atFirst(Point::loss)).isEqualTo(2);
    assertThat(curve.atLast(Point::loss)).isEqualTo(47);
    assertThat(curve(1, i -> 7).atLast(Point::crossEntropy)).isEqualTo(7);
    assertThat(curve.steps()).isEqualTo(50);
  }

  private static LossCurve curve(int count, IntToDoubleFunction loss) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double value = loss.applyAsDouble(i);
      points.add(new Point(i + 1, value, value, Map.of()));
    }
    return new LossCurve("task", 1, points);
  }
}
