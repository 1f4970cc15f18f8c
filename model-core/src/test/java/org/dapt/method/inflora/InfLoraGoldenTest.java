package org.dapt.method.inflora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenTensors;
import org.dapt.method.LearntTask;
import org.dapt.method.subspace.Directions;
import org.dapt.method.subspace.KeptSpace;
import org.dapt.method.subspace.ProtectedSpace;
import org.dapt.method.subspace.Retention;
import org.dapt.method.subspace.Spectrum;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** InfLoRA's blocks and memory against a reference in PyTorch. */
class InfLoraGoldenTest {
  private static final Placement PLACEMENT = Placement.cpu(ComputeType.FLOAT64);

  private static Stream<Path> cases() {
    return Fixtures.cases("method-inf-lora").stream();
  }

  /** The space of a task is read from what the tasks before it kept of it. */
  @ParameterizedTest
  @MethodSource("cases")
  void blocksAndMemory(Path folder) {
    JsonNode info = Fixtures.json(folder.resolve("info.json"));
    Spectrum spectrum = Spectrum.of(info.get("spectrum").textValue());
    int rank = info.get("r").intValue();
    int total = info.get("total_tasks").intValue();
    double tolerance = info.get("tolerance").get("float64").doubleValue();
    Retention retention = new Retention(info.get("eps").doubleValue(), 0);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      GoldenTensors given = GoldenTensors.read(folder.resolve("given.safetensors"), PLACEMENT);
      GoldenTensors expected =
          GoldenTensors.read(folder.resolve("expected.safetensors"), PLACEMENT);
      long width = given.get("before.0").size(1);
      KeptSpace kept = new KeptSpace("space", width);
      List<LearntTask> learnt = new ArrayList<>();
      long columns = 0;
      for (int t = 0; t < info.get("tasks").intValue(); t++) {
        Tensor before = given.get("before." + t);
        Tensor after = given.get("after." + t);
        ProtectedSpace space = kept.after(learnt, PLACEMENT);
        assertClose(mean(before), expected.get("moments.before." + t), tolerance);
        assertClose(mean(after), expected.get("moments.after." + t), tolerance);
        Directions found = Directions.outside(space, before.t().matmul(before), spectrum);
        Tensor a = DesignedBlock.rows(found, rank, width - space.rank());
        assertClose(a, expected.get("lora_A." + t), tolerance);
        assertClose(a.t().matmul(a).mul(new Scalar(3.0)), expected.get("span." + t), tolerance);

        double threshold = retention.threshold(t, total);
        assertThat(threshold).isEqualTo(info.get("thresholds").get(t).doubleValue());
        Tensor added =
            Directions.outside(space, after.t().matmul(after), spectrum)
                .fewest(threshold, width - space.rank());
        ProtectedSpace grown = space.with(added);
        Map<String, Tensor> stored = kept.kept(added, grown, PLACEMENT);
        scope.attach(stored.values().iterator().next());
        columns += stored.values().iterator().next().size(1);
        learnt.add(new LearntTask("task-" + t, Map.of(), stored, List.of()));
        for (ProtectedSpace one : List.of(grown, kept.after(learnt, PLACEMENT))) {
          assertClose(projector(one), expected.get("protected." + t), tolerance);
          assertThat(one.rank()).isEqualTo(Tensors.toLongs(expected.get("rank." + t))[0]);
          assertThat(one.complement() ? 1L : 0L)
              .isEqualTo(Tensors.toLongs(expected.get("retain." + t))[0]);
          assertThat(one.basis().size(1))
              .isEqualTo(Tensors.toLongs(expected.get("stored." + t))[0]);
        }
      }
      assertThat(columns).as("columns that all tasks keep").isLessThanOrEqualTo(width);
    }
  }

  private static Tensor mean(Tensor inputs) {
    return inputs.t().matmul(inputs).div(new Scalar((double) inputs.size(0)));
  }

  /** P, by what it leaves of the unit vectors. */
  private static Tensor projector(ProtectedSpace space) {
    Tensor unit = torch.diag(PLACEMENT.ones(ScalarType.Double, space.width()));
    return unit.sub(space.outside(unit));
  }

  private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    double scale =
        Math.max(1, Arrays.stream(Tensors.toDoubles(expected)).map(Math::abs).max().orElseThrow());
    assertThat(GoldenTensors.distance(actual, expected)).isLessThan(tolerance * scale);
  }
}
