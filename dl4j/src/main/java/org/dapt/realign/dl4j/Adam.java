package org.dapt.realign.dl4j;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.AdamUpdater;

/**
 * ND4J's Adam with the defaults and the formula of PyTorch's: {@code rate · m̂ / (√v̂ + ε)} with β
 * = (0.9, 0.999) and ε = 1e-8. ND4J has {@code √v + ε} there, without the correction of v, so its ε
 * is set anew for every step.
 */
final class Adam {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final org.nd4j.linalg.learning.config.Adam settings;
  private final AdamUpdater updater;
  private int step;

  /** At the first step, for {@code parameters} numbers. */
  Adam(double learningRate, long parameters) {
    settings = new org.nd4j.linalg.learning.config.Adam(learningRate, BETA1, BETA2, EPSILON);
    updater = new AdamUpdater(settings);
    updater.setStateViewArray(
        Nd4j.zeros(DataType.DOUBLE, 1, 2 * parameters), new long[] {1, parameters}, 'c', true);
  }

  /** What is to be subtracted from the parameters: {@code gradient} is overwritten with it. */
  INDArray update(INDArray gradient) {
    settings.setEpsilon(EPSILON * Math.sqrt(1 - Math.pow(BETA2, step + 1.0)));
    updater.applyUpdater(gradient, step, 0);
    step++;
    return gradient;
  }
}
