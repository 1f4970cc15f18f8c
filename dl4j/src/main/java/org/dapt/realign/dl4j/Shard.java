package org.dapt.realign.dl4j;

import java.io.Serializable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Rows that one task of Spark computes with. All shards have the same number of rows, the last ones
 * filled up with rows whose share is 0, because Deeplearning4j divides losses by it.
 *
 * @param filled how many rows are real
 * @param seen {@code [rows, width]} in row-major order
 * @param targets {@code [rows, tasks]} in row-major order
 * @param shares {@code [rows]}
 */
record Shard(int filled, float[] seen, double[] targets, double[] shares) implements Serializable {
  /** What a graph is trained with; a row's share is its mask. */
  MultiDataSet batch() {
    double[] wide = new double[seen.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = seen[i];
    }
    return new MultiDataSet(
        new INDArray[] {matrix(wide)},
        new INDArray[] {matrix(targets)},
        null,
        new INDArray[] {matrix(shares)});
  }

  private INDArray matrix(double[] numbers) {
    return Nd4j.create(numbers, new long[] {shares.length, numbers.length / shares.length}, 'c');
  }

  /** {@code Σ share · Σ target · log target} over the rows, with 0 log 0 = 0. */
  double negativeEntropy() {
    int tasks = targets.length / shares.length;
    double sum = 0;
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] > 0) {
        sum += shares[i / tasks] * targets[i] * Math.log(targets[i]);
      }
    }
    return sum;
  }
}
