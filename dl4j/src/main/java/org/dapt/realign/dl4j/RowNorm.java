package org.dapt.realign.dl4j;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A row less its mean, divided by its standard deviation: {@code y = (x − mean(x)) / √(var(x) + ε)}
 * with ε = 1e-5, {@code [rows, width] → [rows, width]}. Deeplearning4j's own norm has no ε.
 *
 * <p>As an activation function, with its gradients by hand: those of SameDiff 1.0.0-M2 are wrong
 * where two operations use what a third one has computed, as the two that use {@code x − mean(x)}
 * here. Public, with a constructor without arguments, because graphs travel to executors as JSON.
 */
public final class RowNorm extends BaseActivationFunction {
  private static final long serialVersionUID = 1L;
  private static final double EPSILON = 1e-5;

  /** Overwrites {@code x}, as activation functions do. */
  @Override
  public INDArray getActivation(INDArray x, boolean training) {
    normalise(x);
    return x;
  }

  /** {@code ∂x = (∂y − mean(∂y) − y · mean(∂y · y)) / √(var(x) + ε)}. */
  @Override
  public Pair<INDArray, INDArray> backprop(INDArray x, INDArray gradient) {
    assertShape(x, gradient);
    INDArray y = x.dup();
    INDArray deviation = normalise(y);
    INDArray along = gradient.mul(y).mean(true, 1);
    INDArray result = gradient.subColumnVector(gradient.mean(true, 1));
    result.subi(y.muliColumnVector(along)).diviColumnVector(deviation);
    return new Pair<>(result, null);
  }

  /** Normalises {@code x} in place, and gives {@code √(var(x) + ε)} of each row. */
  private static INDArray normalise(INDArray x) {
    x.subiColumnVector(x.mean(true, 1));
    INDArray deviation = Transforms.sqrt(x.mul(x).mean(true, 1).addi(EPSILON), false);
    x.diviColumnVector(deviation);
    return deviation;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowNorm;
  }

  @Override
  public int hashCode() {
    return RowNorm.class.hashCode();
  }
}
