package org.dapt.method.epi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenTensors;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** EPI against a reference in PyTorch. */
class EpiGoldenTest {
  private static final Placement PLACEMENT = Placement.cpu(ComputeType.FLOAT64);

  private static Stream<Path> cases() {
    return Fixtures.cases("method-epi").stream()
        .filter(folder -> !folder.getFileName().toString().equals("features"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void statisticsDistancesAndChoices(Path folder) {
    JsonNode info = Fixtures.json(folder.resolve("info.json"));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      GoldenTensors given = GoldenTensors.read(folder.resolve("given.safetensors"), PLACEMENT);
      GoldenTensors expected =
          GoldenTensors.read(folder.resolve("expected.safetensors"), PLACEMENT);
      double tolerance = info.get("tolerance").get("float64").doubleValue();
      Tensor tests = given.get("test.features");
      List<TaskFeatures> tasks = new ArrayList<>();
      for (int t = 0; t < info.get("tasks").intValue(); t++) {
        TaskFeatures task =
            statistics(
                given.get("task." + t + ".features"),
                Arrays.stream(Tensors.toLongs(given.get("task." + t + ".labels")))
                    .mapToInt(label -> (int) label)
                    .toArray());
        tasks.add(task);
        assertClose(task.means(), expected.get("means." + t), tolerance);
        assertClose(task.covariance(), expected.get("covariance." + t), tolerance);
        try (NearestTask nearest = NearestTask.of(tasks, info.get("rcond").doubleValue(), 0)) {
          Tensor precision = nearest.whitening().matmul(nearest.whitening().t());
          assertClose(precision, expected.get("precision." + t), tolerance);
          Tensor distances = nearest.distances(tests);
          assertClose(distances, expected.get("distances." + t), tolerance);
          assertThat(Tensors.toLongs(distances.argmin(new LongOptional(1), false)))
              .isEqualTo(Tensors.toLongs(expected.get("chosen." + t)));
        }
      }
    }
  }

  /** Differences outside of the range of a singular covariance count with a ridge alone. */
  @Test
  void aRidgeMakesAllDirectionsCount() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor along = PLACEMENT.of(ScalarType.Double, new double[] {0, 0, 1, 0, 2, 0}, 3, 2);
      TaskFeatures first = statistics(along, new int[3]);
      Tensor shift = PLACEMENT.of(ScalarType.Double, new double[] {0, 5}, 1, 2);
      TaskFeatures second = statistics(along.add(shift), new int[3]);
      Tensor input = PLACEMENT.of(ScalarType.Double, new double[] {1, 4.9}, 1, 2);
      try (NearestTask plain = NearestTask.of(List.of(first, second), 1e-5, 0);
          NearestTask ridged = NearestTask.of(List.of(first, second), 1e-5, 0.1)) {
        assertThat(Tensors.toDoubles(plain.distances(input))).containsExactly(0, 0);
        double[] distances = Tensors.toDoubles(ridged.distances(input));
        assertThat(distances[1]).isPositive().isLessThan(distances[0] / 100);
      }
    }
  }

  /** Two classes of one example each have means and no covariance. */
  @Test
  void singleExamplesHaveNoCovariance() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor two = PLACEMENT.of(ScalarType.Double, new double[] {1, 2, 3, 5}, 2, 2);
      TaskFeatures apart = statistics(two, new int[] {0, 2});
      assertThat(Tensors.toDoubles(apart.means())).containsExactly(1, 2, 3, 5);
      assertThat(Tensors.toDoubles(apart.covariance())).containsOnly(0.0);
      assertThat(Tensors.toDoubles(statistics(two, new int[2]).covariance()))
          .containsExactly(2, 3, 3, 4.5);
      try (NearestTask nearest = NearestTask.of(List.of(apart), 1e-5, 0.1)) {
        assertThat(Tensors.toDoubles(nearest.distances(two))).containsExactly(0, 0);
      }
      // Where no task has one, the nearest mean is chosen.
      Tensor farther = two.add(new Scalar(7.0));
      TaskFeatures other = statistics(farther, new int[] {0, 2});
      try (NearestTask nearest = NearestTask.of(List.of(apart, other), 1e-5, 0.1)) {
        assertThat(Tensors.toDoubles(nearest.distances(two))).containsExactly(0, 98, 0, 41);
        assertThat(Tensors.toDoubles(nearest.distances(farther))).containsExactly(41, 0, 98, 0);
      }
    }
  }

  @Test
  void featuresAreThoseOfTheReference() {
    Path folder = Fixtures.folder("method-epi").resolve("features");
    JsonNode info = Fixtures.json(folder.resolve("info.json"));
    assertThat(info.get("bases")).isNotEmpty();
    info.get("bases")
        .fields()
        .forEachRemaining(
            base -> {
              try (PointerScope scope = new PointerScope();
                  Backbone backbone =
                      Backbones.load(Fixtures.folder(base.getValue().textValue()), PLACEMENT)) {
                String name = base.getKey();
                List<int[]> inputs =
                    GoldenTensors.read(folder.resolve("given.safetensors"), PLACEMENT)
                        .rows(name + ".input_ids", name + ".attention_mask");
                Tensor golden =
                    GoldenTensors.read(folder.resolve("expected.safetensors"), PLACEMENT)
                        .get("features." + name);
                assertClose(
                    backbone.meanState(backbone.source(inputs)),
                    golden,
                    info.get("tolerance").get("float64").doubleValue());
              }
            });
  }

  /** By batches of a few examples, as a pass over shards has them. */
  private static TaskFeatures statistics(Tensor features, int[] classes) {
    int most = Arrays.stream(classes).max().orElseThrow() + 1;
    FeatureStatistics statistics =
        new FeatureStatistics("it", (int) features.size(1), PLACEMENT, source -> null, most);
    assertThat(statistics.features()).isNull();
    for (FeatureStatistics.Sums pass : List.of(statistics.first(), statistics.second())) {
      Tensor sums = PLACEMENT.zeros(ScalarType.Double, pass.entries());
      for (int from = 0; from < classes.length; from += 7) {
        int count = Math.min(7, classes.length - from);
        sums.add_(
            pass.add(
                features.narrow(0, from, count), Arrays.copyOfRange(classes, from, from + count)));
      }
      pass.take(sums);
    }
    return statistics.features();
  }

  private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    double[] values = Tensors.toDoubles(expected);
    double[] found = Tensors.toDoubles(actual);
    assertThat(found).hasSameSizeAs(values);
    double scale = Math.max(1, Arrays.stream(values).map(Math::abs).max().orElseThrow());
    for (int i = 0; i < values.length; i++) {
      assertThat(Math.abs(found[i] - values[i])).isLessThan(tolerance * scale);
    }
  }
}
