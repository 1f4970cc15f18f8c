package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductsTest {
  private final Random random = new Random(3);

  @ParameterizedTest
  @CsvSource({
    "1, 1, 256, 512",
    "2, 1, 256, 512",
    "3, 4, 256, 8192",
    "32, 1, 256, 1024",
    "33, 1, 2048, 512",
    "2, 5, 48, 510",
    "2, 1, 48, 37",
    "64, 64, 64, 64",
    "1, 2, 300000, 8"
  })
  void isThePlainProduct(long batch, long tokens, long in, long out) {
    try (PointerScope scope = new PointerScope()) {
      for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.Double}) {
        Tensor x = tensor(batch, tokens, in).to(type);
        Tensor weight = tensor(out, in).to(type);
        Tensor product = Products.linear(x, weight);
        assertThat(Tensors.shape(product)).containsExactly(batch, tokens, out);
        assertThat(distance(product, torch.linear(x, weight)) / Math.sqrt((double) in))
            .isLessThan(1e-5);
        Tensor turned = x.transpose(0, 1);
        assertThat(distance(Products.linear(turned, weight), torch.linear(turned, weight)))
            .isLessThan(1e-5 * Math.sqrt((double) in));
      }
    }
  }

  /** Methods add to it in place. */
  @Test
  void sharesNoMemoryWithItsOperands() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = tensor(1, 3, 64).to(ScalarType.Float);
      Tensor weight = tensor(64, 64).to(ScalarType.Float);
      Tensor before = weight.clone();
      Tensor product = Products.linear(x, weight);
      Tensor expected = product.clone();
      product.add_(product);
      assertThat(distance(product, expected.add(expected))).isZero();
      assertThat(distance(weight, before)).isZero();
    }
  }

  @Test
  void passesGradientsOn() {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = tensor(1, 3, 64).to(ScalarType.Float).requires_grad_(true);
      Tensor weight = tensor(64, 64).to(ScalarType.Float);
      Products.linear(x, weight).sum().backward();
      assertThat(distance(x.grad(), weight.sum(0).expand(1, 3, 64))).isLessThan(1e-5);
    }
  }

  private Tensor tensor(long... shape) {
    long size = 1;
    for (long length : shape) {
      size *= length;
    }
    return Tensor.create(random.doubles(size, -1, 1).toArray(), shape);
  }
}
