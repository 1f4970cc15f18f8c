package org.dapt.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;

class RandomWeightsTest {
  private static final Placement PLACEMENT = Placement.cpu(ComputeType.FLOAT32);

  @Test
  void aLargeMatrixHasItsDeviationAndEqualDrawsAreEqual() {
    try (PointerScope scope = new PointerScope()) {
      // No multiple of the rows that are drawn.
      long rows = 5001;
      Tensor one = RandomWeights.draw("encoder.wi", PLACEMENT, rows, 1024);
      assertThat(one.sizes().vec().get()).containsExactly(rows, 1024);
      assertThat(one.std().item_double()).isCloseTo(0.5 / 32, within(1e-4));
      assertThat(one.mean().item_double()).isCloseTo(0, within(1e-4));
      assertThat(one.equal(RandomWeights.draw("encoder.wi", PLACEMENT, rows, 1024))).isTrue();
      assertThat(one.equal(RandomWeights.draw("encoder.wo", PLACEMENT, rows, 1024))).isFalse();
      double[] last = Tensors.toDoubles(one.narrow(0, rows - 1, 1));
      assertThat(Arrays.stream(last).distinct().count()).isGreaterThan(1000);
    }
  }
}
