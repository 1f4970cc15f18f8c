package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.digest.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors that are not to lie in the Java heap as a whole. */
class LargeTensorsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 3, 10, 11, 12, 1000})
  void aDigestDoesNotDependOnTheSlicesThatItIsTakenIn(long slice) {
    try (PointerScope scope = new PointerScope()) {
      for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.BFloat16}) {
        // Not as it lies in memory: transposed.
        Tensor tensor = torch.arange(new org.bytedeco.pytorch.Scalar(12)).to(type).view(3, 4).t();
        MessageDigest whole = Sha256.start();
        Digests.update(whole, "name", Tensors.shape(tensor), Tensors.toBytes(tensor));
        MessageDigest sliced = Sha256.start();
        Digests.update(sliced, "name", Tensors.shape(tensor), slice, tensor);
        assertThat(sliced.digest()).isEqualTo(whole.digest());
      }
    }
  }

  @Test
  void tensorsWithoutElementsOrDimensionsHaveADigest() {
    try (PointerScope scope = new PointerScope()) {
      for (long[] shape : new long[][] {{}, {0}, {0, 3}}) {
        Tensor tensor = torch.zeros(shape);
        MessageDigest whole = Sha256.start();
        Digests.update(whole, "name", shape, Tensors.toBytes(tensor));
        MessageDigest sliced = Sha256.start();
        Digests.update(sliced, "name", tensor);
        assertThat(sliced.digest()).isEqualTo(whole.digest());
      }
    }
  }
}
