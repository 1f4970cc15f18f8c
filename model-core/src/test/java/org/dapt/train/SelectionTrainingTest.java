package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.method.dapt.QueryNetwork;
import org.dapt.method.dapt.Reflection;
import org.dapt.method.dapt.Selection;
import org.dapt.method.dapt.SharedAttention;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** Three tasks whose inputs lie around a point each. */
class SelectionTrainingTest {
  private static final int TASKS = 3;
  private static final int WIDTH = 16;
  private static final int HIDDEN = 8;
  private static final int ROWS = 61;
  private static final int STEPS = 80;
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT64);

  /** What rank 0 saw: the loss before each step and in the end, and all parameters. */
  private record Fit(List<Double> losses, double[] keys, double[] chosen) {}

  @Test
  void inputsComeToChooseTheBlocksThatTheyShall() throws Exception {
    Fit fit = fit(1);
    assertThat(fit.losses().get(0)).isGreaterThan(0.3);
    assertThat(fit.losses().get(STEPS)).isLessThan(0.05 * fit.losses().get(0));
    for (int row = 0; row < ROWS; row++) {
      assertThat(fit.chosen()[row]).isEqualTo(row % TASKS);
    }
  }

  @Test
  void ranksShareTheInputsAndComeToTheSame() throws Exception {
    Fit one = fit(1);
    // Of the ranks of a small table some have fewer inputs than others.
    Fit three = fit(3);
    assertThat(three.keys()).containsExactly(one.keys(), within(1e-9));
    for (int step = 0; step <= STEPS; step++) {
      assertThat(three.losses().get(step)).isCloseTo(one.losses().get(step), within(1e-9));
    }
  }

  private static Fit fit(int ranks) throws Exception {
    return new ThreadGang(ranks == 1 ? "local" : "gloo", ranks, Duration.ofSeconds(60))
        .start(SelectionTrainingTest::fit)
        .get(0)
        .get();
  }

  private static Fit fit(GradientExchange exchange) {
    try (PointerScope scope = new PointerScope();
        SelectionTraining training =
            new SelectionTraining(
                start(), 1, inputs(exchange.rank(), exchange.ranks()), 0.01, exchange, HOST)) {
      List<Double> losses = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        losses.add(training.step());
      }
      losses.add(training.loss());
      Selection found = training.selection();
      Tensor chosen =
          new SharedAttention(found.network(), found.keys(), 1)
              .weights(inputs(0, 1).pooled())
              .argmax(new LongOptional(1), false);
      return new Fit(
          losses,
          Tensors.toDoubles(found.keys()),
          Arrays.stream(Tensors.toLongs(chosen)).asDoubleStream().toArray());
    }
  }

  private static Selection start() {
    return new Selection(
        HOST.uniform(1, KeyedRandom.of(1, "keys"), TASKS, WIDTH),
        QueryNetwork.initial(WIDTH, HIDDEN, KeyedRandom.of(1, "network"), HOST));
  }

  /** Those whose place is {@code rank} modulo {@code ranks}. */
  private static Reflection inputs(int rank, int ranks) {
    SplittableRandom random = new SplittableRandom(5);
    double[][] points = new double[TASKS][WIDTH];
    for (double[] point : points) {
      for (int i = 0; i < WIDTH; i++) {
        point[i] = random.nextDouble(-2, 2);
      }
    }
    List<Double> seen = new ArrayList<>();
    List<Double> targets = new ArrayList<>();
    int own = 0;
    for (int row = 0; row < ROWS; row++) {
      boolean mine = row % ranks == rank;
      own += mine ? 1 : 0;
      for (int i = 0; i < WIDTH; i++) {
        double value = points[row % TASKS][i] + random.nextDouble(-0.3, 0.3);
        if (mine) {
          seen.add(value);
        }
      }
      for (int task = 0; mine && task < TASKS; task++) {
        targets.add(task == row % TASKS ? 0.9 : 0.05);
      }
    }
    return new Reflection(
        HOST.of(ScalarType.Double, array(seen), own, WIDTH),
        HOST.of(ScalarType.Double, array(targets), own, TASKS),
        HOST.ones(ScalarType.Double, own).div(new Scalar((double) ROWS)));
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
