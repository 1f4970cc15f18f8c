package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ways to attend are one function: that of libtorch in float64. */
class AttentionTest {
  /** Sizes on both sides of every bound between the two ways. */
  private static Stream<Arguments> sizes() {
    return Stream.of(new int[] {4, 4}, new int[] {4, 2}, new int[] {6, 1})
        .flatMap(
            heads ->
                Stream.of(
                        new int[] {1, 9},
                        new int[] {5, 70},
                        new int[] {70, 70},
                        new int[] {65, 600})
                    .flatMap(
                        lengths ->
                            Stream.of(false, true)
                                .map(
                                    causal ->
                                        Arguments.of(
                                            heads[0], heads[1], lengths[0], lengths[1], causal))))
        .filter(given -> !(boolean) given.get()[4] || given.get()[2].equals(given.get()[3]));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void valuesAndGradientsAreThoseOfTheDefinition(
      int heads, int keyHeads, int queries, int keys, boolean causal) {
    try (PointerScope scope = new PointerScope()) {
      Attention attention = new Attention(0.3, causal);
      for (ComputeType type : ComputeType.values()) {
        List<Tensor> given = given(type, heads, keyHeads, queries, keys);
        Tensor bias = bias(type, keys);
        List<Tensor> chosen =
            results(given, attention.apply(given.get(0), given.get(1), given.get(2), bias));
        List<Tensor> products =
            results(
                given,
                attention.apply(
                    given.get(0), given.get(1), given.get(2), bias, UnaryOperator.identity()));
        List<Tensor> wide =
            given.stream().map(t -> t.detach().to(ScalarType.Double).requires_grad_(true)).toList();
        Tensor mask = bias.to(ScalarType.Double);
        if (causal) {
          Tensor later =
              torch
                  .ones(new long[] {queries, keys}, wide.get(0).options())
                  .triu(1)
                  .mul(new Scalar(-1e30));
          mask = mask.add(later);
        }
        List<Tensor> expected =
            results(
                wide,
                torch.scaled_dot_product_attention(
                    wide.get(0),
                    wide.get(1),
                    wide.get(2),
                    new TensorOptional(mask),
                    0.0,
                    false,
                    new DoubleOptional(0.3),
                    heads != keyHeads));
        double tolerance =
            switch (type) {
              case FLOAT64 -> 1e-12;
              case FLOAT32 -> 1e-5;
              case BFLOAT16 -> 0.04;
            };
        for (int i = 0; i < expected.size(); i++) {
          assertThat(distance(chosen.get(i), expected.get(i))).isLessThan(tolerance);
          assertThat(distance(products.get(i), expected.get(i))).isLessThan(tolerance);
        }
      }
    }
  }

  /** The values, and the gradients of queries, keys and values. */
  private static List<Tensor> results(List<Tensor> given, Tensor values) {
    given.forEach(
        tensor -> {
          if (tensor.grad().defined()) {
            tensor.mutable_grad().zero_();
          }
        });
    Tensor gradient = tensor(ScalarType.Double, 9, Tensors.shape(values)).to(values.scalar_type());
    values.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
    return Stream.concat(
            Stream.of(values.detach()), given.stream().map(tensor -> tensor.grad().clone()))
        .toList();
  }

  private static List<Tensor> given(
      ComputeType type, int heads, int keyHeads, int queries, int keys) {
    // As projections leave them: heads lie within a position.
    return Stream.of(
            tensor(type.scalar(), 1, 3, queries, heads, 8),
            tensor(type.scalar(), 2, 3, keys, keyHeads, 8),
            tensor(type.scalar(), 3, 3, keys, keyHeads, 8))
        .map(tensor -> tensor.transpose(1, 2).detach().requires_grad_(true))
        .toList();
  }

  /** The last key of the second example is hidden, others are preferred more or less. */
  private static Tensor bias(ComputeType type, int keys) {
    Tensor bias = tensor(type.scalar(), 4, 3, 1, 1, keys);
    bias.select(0, 1).narrow(2, keys - 1, 1).fill_(new Scalar(-1e30));
    return bias;
  }

  private static Tensor tensor(ScalarType type, long seed, long... shape) {
    return Placement.cpu(ComputeType.FLOAT64).normal(ScalarType.Double, 1, seed, shape).to(type);
  }

  /** The largest difference, in units of the largest expected number. */
  private static double distance(Tensor actual, Tensor expected) {
    return actual.to(ScalarType.Double).sub(expected).abs().max().item_double()
        / expected.abs().max().item_double();
  }
}
