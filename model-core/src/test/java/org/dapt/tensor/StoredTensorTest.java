package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.InputException;
import org.dapt.io.Dtype;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredTensorTest {
  /** More than two parts, and no whole number of them. */
  private static final int ELEMENTS = (5 << 19) + 3;

  @ParameterizedTest
  @CsvSource({"F32, FLOAT32", "F32, BFLOAT16", "F32, FLOAT64", "BF16, BFLOAT16", "BF16, FLOAT32"})
  void everyByteIsReadOnceAndEveryNumberIsConverted(Dtype dtype, ComputeType type) {
    try (PointerScope scope = new PointerScope()) {
      Placement placement = Placement.cpu(type);
      double[] values = new double[ELEMENTS];
      for (int i = 0; i < values.length; i++) {
        values[i] = i % 251 - 100;
      }
      ByteBuffer stored =
          Tensors.toBytes(placement.of(Tensors.scalar(dtype), values, 1, values.length));
      List<Long> checked = new ArrayList<>();
      long[] next = {0};
      Tensor tensor =
          StoredTensor.load(
              (offset, target) -> {
                assertThat(offset).isEqualTo(next[0]);
                next[0] += target.remaining();
                target.put(stored.slice((int) offset, target.remaining()));
              },
              dtype,
              new long[] {1, ELEMENTS},
              placement,
              part -> checked.add(part.numel()));
      assertThat(next[0]).isEqualTo(stored.capacity());
      assertThat(checked).hasSizeGreaterThan(1);
      assertThat(checked.stream().mapToLong(n -> n).sum()).isEqualTo(ELEMENTS);
      assertThat(Tensors.shape(tensor)).containsExactly(1, ELEMENTS);
      assertThat(tensor.scalar_type().intern()).isEqualTo(placement.scalar());
      assertThat(Tensors.toDoubles(tensor)).isEqualTo(values);
    }
  }

  @Test
  void aScalarAndAnEmptyTensorAreLoaded() {
    try (PointerScope scope = new PointerScope()) {
      Placement placement = Placement.cpu(ComputeType.FLOAT32);
      Tensor scalar =
          StoredTensor.load(
              (offset, target) -> target.order(ByteOrder.LITTLE_ENDIAN).putFloat(1.5f),
              Dtype.F32,
              new long[0],
              placement,
              part -> {});
      assertThat(scalar.item_double()).isEqualTo(1.5);
      Tensor empty =
          StoredTensor.load(
              (offset, target) -> {
                throw new AssertionError("There is nothing to read");
              },
              Dtype.F32,
              new long[] {3, 0},
              placement,
              part -> {});
      assertThat(empty.numel()).isZero();
    }
  }

  @Test
  void numbersAreCheckedAsTheyAreConverted() {
    try (PointerScope scope = new PointerScope()) {
      Placement placement = Placement.cpu(ComputeType.FLOAT32);
      ByteBuffer stored =
          Tensors.toBytes(placement.of(ScalarType.Double, new double[] {1, 1e300}, 2));
      assertThatThrownBy(
              () ->
                  StoredTensor.load(
                      (offset, target) -> target.put(stored),
                      Dtype.F64,
                      new long[] {2},
                      placement,
                      part -> Tensors.requireFinite(part, "file", "x")))
          .isInstanceOf(InputException.class)
          .hasMessageContainingAll("file", "x", "Infinity", "F32");
    }
  }
}
