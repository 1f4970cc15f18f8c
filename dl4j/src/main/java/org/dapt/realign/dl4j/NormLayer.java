package org.dapt.realign.dl4j;

import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * LayerNorm with weight, bias and ε = 1e-5: {@code [rows, width] → [rows, width]}. Deeplearning4j
 * normalises only in front of an activation, and without ε.
 *
 * <p>Public, with a constructor without arguments and properties, because graphs travel to
 * executors as JSON.
 */
public final class NormLayer extends SameDiffLayer {
  private static final long serialVersionUID = 1L;

  /** The parameter that results are multiplied by, {@code [1, width]}. */
  static final String WEIGHT = "weight";

  /** The parameter that is added, {@code [1, width]}. */
  static final String BIAS = "bias";

  private static final double EPSILON = 1e-5;

  private long width;

  /** For JSON: {@link #setWidth} follows. */
  public NormLayer() {}

  NormLayer(long width) {
    this.width = width;
  }

  /** How many numbers a row has. */
  public long getWidth() {
    return width;
  }

  /** Sets how many numbers a row has. */
  public void setWidth(long width) {
    this.width = width;
  }

  @Override
  public SDVariable defineLayer(
      SameDiff graph, SDVariable input, Map<String, SDVariable> parameters, SDVariable mask) {
    SDVariable centred = input.sub(input.mean(true, 1));
    SDVariable variance = centred.mul(centred).mean(true, 1);
    return centred
        .div(graph.math().sqrt(variance.add(EPSILON)))
        .mul(parameters.get(WEIGHT))
        .add(parameters.get(BIAS));
  }

  @Override
  public void defineParameters(SDLayerParams parameters) {
    parameters.addWeightParam(WEIGHT, 1, width);
    parameters.addBiasParam(BIAS, 1, width);
  }

  @Override
  public void initializeParameters(Map<String, INDArray> parameters) {
    parameters.get(WEIGHT).assign(1);
    parameters.get(BIAS).assign(0);
  }

  @Override
  public InputType getOutputType(int index, InputType input) {
    return InputType.feedForward(width);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NormLayer layer && layer.width == width && super.equals(other);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Long.hashCode(width);
  }
}
