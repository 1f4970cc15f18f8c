package org.dapt.method.gainlora;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.method.LearntTask;
import org.dapt.method.subspace.Spectrum;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.Test;

class GateSpacesTest {
  private static final Placement PLACEMENT = Placement.cpu(ComputeType.FLOAT64);
  private static final long WIDTH = 6;
  private static final long HIDDEN = 3;

  @Test
  void itIsToldWhichPartsOfAGateCanLearnNothingMore() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        GateSpaces none = new GateSpaces(List.of(), WIDTH, HIDDEN, PLACEMENT)) {
      assertThat(none.stuck()).isEmpty();
      Tensor some = torch.diag(PLACEMENT.of(ScalarType.Double, new double[] {1, 1, 0, 0, 0, 0}, 6));
      Tensor all = torch.diag(PLACEMENT.ones(ScalarType.Double, HIDDEN));
      Map<String, Tensor> kept = none.grown(List.of(some, all, some), Spectrum.INPUTS, 1, "old");
      kept.values().forEach(scope::attach);
      LearntTask old = new LearntTask("old", Map.of(), kept, List.of());
      try (GateSpaces next = new GateSpaces(List.of(old), WIDTH, HIDDEN, PLACEMENT)) {
        assertThat(next.stuck()).containsExactly(Gate.G2);
        Tensor update = PLACEMENT.ones(ScalarType.Double, WIDTH, HIDDEN);
        assertThat(next.rule().apply(Gate.G2, update).abs().max().item_double()).isLessThan(1e-12);
      }
    }
  }
}
