package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.tensor.Decompositions.Columns;
import org.dapt.tensor.Decompositions.Way;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecompositionsTest {
  private static final int WIDTH = 12;

  /** Their squares are 1e-4 of the largest at least; the other seven are 0. */
  private static final double[] SINGULAR = {50, 20, 3, 1, 0.5};

  private static final Placement CPU = Placement.cpu(ComputeType.FLOAT64);

  /** Orthonormal columns. */
  private static Tensor columns(long stream) {
    Tensor square = CPU.normal(ScalarType.Double, 1, stream, WIDTH, WIDTH);
    return torch.linalg_qr(square).get0().narrow(1, 0, SINGULAR.length).contiguous();
  }

  private static Tensor times(Tensor columns, double power) {
    double[] values = new double[SINGULAR.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.pow(SINGULAR[i], power);
    }
    return columns.mul(CPU.of(ScalarType.Double, values, 1, values.length));
  }

  private static Stream<Named<Way>> singular() {
    return Stream.of(
        Named.of("direct", Decompositions::singular),
        Named.of("transposed", Decompositions::ofTransposed),
        Named.of("product", Decompositions::ofProduct),
        Named.of("the one that is taken", Decompositions::leftSingular));
  }

  private static Stream<Named<Way>> symmetric() {
    return Stream.of(
        Named.of("direct", Decompositions::symmetric),
        Named.of("singular values", Decompositions::ofSquare),
        Named.of("the one that is taken", Decompositions::eigen));
  }

  @ParameterizedTest
  @MethodSource("singular")
  void everyWayFindsTheLeftSingularVectors(Way way) {
    try (PointerScope scope = new PointerScope()) {
      Tensor left = columns(1);
      assertFound(left, way.of(times(left, 1).matmul(columns(2).t())));
    }
  }

  @ParameterizedTest
  @MethodSource("symmetric")
  void everyWayFindsTheEigenvectors(Way way) {
    try (PointerScope scope = new PointerScope()) {
      Tensor vectors = columns(1);
      assertFound(vectors, way.of(times(vectors, 2).matmul(vectors.t())).reversed());
    }
  }

  /** The squares of {@link #SINGULAR} at {@code vectors} up to their signs, and nothing else. */
  private static void assertFound(Tensor vectors, Columns found) {
    double[] values = Tensors.toDoubles(found.values());
    double sum = 0;
    for (int i = 0; i < SINGULAR.length; i++) {
      double square = SINGULAR[i] * SINGULAR[i];
      assertThat(values[i]).isCloseTo(square, within(1e-10 * square));
      Tensor product = vectors.select(1, i).dot(found.vectors().select(1, i));
      assertThat(Math.abs(product.item_double())).isCloseTo(1, within(1e-10));
      sum += square;
    }
    for (int i = SINGULAR.length; i < WIDTH; i++) {
      assertThat(Math.abs(values[i])).isLessThan(found.rounding() * sum);
    }
    Tensor unit = found.vectors().t().matmul(found.vectors()).sub(torch.eye(WIDTH));
    assertThat(unit.abs().max().item_double()).isLessThan(1e-12);
  }

  @Test
  void anotherWayIsTakenWhereOneDoesNotConverge() {
    Way failing =
        matrix -> {
          throw new RuntimeException("linalg.svd: The algorithm failed to converge because …");
        };
    try (PointerScope scope = new PointerScope()) {
      Tensor matrix = times(columns(1), 1).matmul(columns(2).t());
      assertFound(
          columns(1), Decompositions.first(List.of(failing, Decompositions::ofTransposed), matrix));
      assertThatThrownBy(() -> Decompositions.first(List.of(failing, failing), matrix))
          .hasMessageContaining("failed to converge");
    }
  }

  @Test
  void otherErrorsAreNotTriedAgain() {
    Way full =
        matrix -> {
          throw new RuntimeException("not enough memory");
        };
    try (PointerScope scope = new PointerScope()) {
      Tensor matrix = columns(1).mul(new Scalar(2.0));
      assertThatThrownBy(
              () -> Decompositions.first(List.of(full, Decompositions::singular), matrix))
          .hasMessage("not enough memory");
    }
  }
}
