package org.dapt.method.subspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProtectedSpaceTest {
  private static final int WIDTH = 9;
  private static final KeptSpace SPACE = new KeptSpace("space.layer", WIDTH);

  /**
   * Through float32 files, until all dimensions are protected: nothing is kept twice, and what the
   * first tasks had is still left alone.
   */
  @ParameterizedTest
  @EnumSource(Spectrum.class)
  void growsOverFilesUntilNothingIsLeft(Spectrum spectrum) {
    Placement placement = Placement.cpu(ComputeType.FLOAT32);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      List<LearntTask> learnt = new ArrayList<>();
      List<Tensor> inputs = new ArrayList<>();
      long columns = 0;
      for (int task = 0; task < 5; task++) {
        // Two directions of its own each.
        Tensor rows = placement.normal(ScalarType.Double, 1, task, 2, WIDTH);
        inputs.add(rows);
        ProtectedSpace space = SPACE.after(learnt, placement);
        long room = WIDTH - space.rank();
        assertThat(room).isEqualTo(Math.max(0, WIDTH - 2L * task));
        Directions found = Directions.outside(space, rows.t().matmul(rows), spectrum);
        Tensor a = found.rows(3, room);
        assertThat(Tensors.shape(a)).containsExactly(3, WIDTH);
        double[] lengths = Tensors.toDoubles(a.square().sum(1));
        for (int i = 0; i < 3; i++) {
          assertThat(lengths[i]).isCloseTo(i < Math.min(2, room) ? 1 : 0, within(1e-9));
        }
        for (Tensor earlier : inputs.subList(0, task)) {
          assertThat(earlier.matmul(a.t()).abs().max().item_double()).isLessThan(1e-5);
        }
        Tensor added = found.fewest(1, room);
        ProtectedSpace grown = space.with(added);
        assertThat(grown.rank()).isEqualTo(Math.min(WIDTH, 2L * task + 2));
        assertThat(grown.basis().size(1)).isLessThanOrEqualTo(WIDTH / 2);
        Map<String, Tensor> kept = SPACE.kept(added, grown, placement);
        kept.values().forEach(scope::attach);
        columns += kept.values().stream().mapToLong(tensor -> tensor.size(1)).sum();
        learnt.add(new LearntTask("task-" + task, Map.of(), kept, List.of()));
      }
      assertThat(columns).isLessThanOrEqualTo(WIDTH);
      ProtectedSpace all = SPACE.after(learnt, placement);
      assertThat(all.rank()).isEqualTo(WIDTH);
      Tensor any = placement.normal(ScalarType.Double, 1, 7, 4, WIDTH);
      assertThat(all.leftOf(any).abs().max().item_double()).isLessThan(1e-6);
      assertThat(distance(all.outside(any.t()).t(), all.leftOf(any))).isLessThan(1e-12);
      Tensor moments = any.t().matmul(any);
      assertThat(Directions.outside(all, moments, spectrum).rows(2, 0).count_nonzero().item_long())
          .isZero();
    }
  }

  /** What files round is not taken for something that is left, wherever there is room. */
  @ParameterizedTest
  @EnumSource(Spectrum.class)
  void theSameTaskAgainHasNothingLeft(Spectrum spectrum) {
    Placement placement = Placement.cpu(ComputeType.FLOAT32);
    int width = 64;
    KeptSpace wide = new KeptSpace("space.wide", width);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (int rank : new int[] {1, 3, 20}) {
        Tensor rows = placement.normal(ScalarType.Double, 1, rank, rank, width);
        Tensor moments = rows.t().matmul(rows);
        ProtectedSpace none = wide.after(List.of(), placement);
        Directions first = Directions.outside(none, moments, spectrum);
        assertThat(first.found(width, width)).isEqualTo(rank);
        Tensor added = first.fewest(1, width);
        Map<String, Tensor> kept = wide.kept(added, none.with(added), placement);
        kept.values().forEach(scope::attach);
        ProtectedSpace space =
            wide.after(List.of(new LearntTask("it", Map.of(), kept, List.of())), placement);
        Directions again = Directions.outside(space, moments, spectrum);
        assertThat(again.found(8, width - rank)).isZero();
        assertThat(again.rows(8, width - rank).count_nonzero().item_long()).isZero();
        // A tenth of a thousandth beside it is found.
        Tensor other = placement.normal(ScalarType.Double, 1e-4, 99, 1, width);
        Tensor both = moments.add(other.t().matmul(other).mul(new Scalar(1e3)));
        assertThat(Directions.outside(space, both, spectrum).found(8, width - rank)).isOne();
      }
    }
  }

  @Test
  void refusesTasksThatKeepNoSuchSpace() {
    Placement placement = Placement.cpu(ComputeType.FLOAT32);
    try (PointerScope scope = new PointerScope()) {
      for (Map<String, Tensor> kept :
          List.of(
              Map.<String, Tensor>of(),
              Map.of("space.layer.added", placement.zeros(ScalarType.Float, WIDTH + 1, 2)),
              Map.of("space.layer.free", placement.zeros(ScalarType.Float, WIDTH)))) {
        LearntTask other = new LearntTask("other", Map.of(), kept, List.of());
        assertThatThrownBy(() -> SPACE.after(List.of(other), placement))
            .isInstanceOf(InputException.class)
            .hasMessageContainingAll("task other", "space.layer", "9 dimensions");
      }
    }
  }

  @Test
  void theThresholdRisesWithTheTasksAndStaysBelowOne() {
    Retention known = new Retention(0.9, 0);
    assertThat(known.threshold(0, 5)).isEqualTo(0.9);
    assertThat(known.threshold(4, 5)).isCloseTo(0.98, within(1e-12));
    assertThat(known.threshold(3, 0)).as("nobody knows").isCloseTo(0.975, within(1e-12));
    Retention stated = new Retention(0.9, 4);
    assertThat(stated.threshold(3, 15)).isCloseTo(0.975, within(1e-12));
    assertThat(stated.threshold(9, 15)).as("behind the last").isEqualTo(stated.threshold(3, 15));
  }
}
