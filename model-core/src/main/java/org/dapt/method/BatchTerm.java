package org.dapt.method;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Source;

/**
 * A term of the loss that depends on the batch: {@code factor · (Σ sum) / (Σ count)}, both sums
 * over all micro-batches and ranks. So a mean over examples is one, and so is a mean over some of
 * the target positions, whatever the cross-entropy is divided by. One that {@linkplain #summed is
 * summed} is {@code factor · (Σ sum)}.
 *
 * @param name under which it is recorded and shown: lower-case letters, digits and underscores
 * @param factor its factor in the loss
 * @param summed whether it is not divided by the count
 * @param count of how much, in some examples, the term is the mean; known without the model
 * @param sum the sum over that much: a scalar. It is not asked for where the count is 0
 */
public record BatchTerm(
    String name,
    double factor,
    boolean summed,
    ToLongFunction<List<Example>> count,
    Function<Forward, Tensor> sum) {
  /** The most terms of one method. */
  public static final int MOST = 5;

  /** One that is a mean. */
  public BatchTerm(
      String name,
      double factor,
      ToLongFunction<List<Example>> count,
      Function<Forward, Tensor> sum) {
    this(name, factor, false, count, sum);
  }

  /** What the sum is divided by where the counts of all micro-batches and ranks are {@code all}. */
  public double divisor(double all) {
    return summed ? 1 : all;
  }

  /**
   * A micro-batch that went through the model.
   *
   * @param source the inputs of {@code examples}
   * @param adaptation what {@link Learner#adaptForTraining} gave for them
   * @param logits at the target positions of all examples, one example after the other, {@code
   *     [target tokens, vocabulary]}
   * @param others takes other examples through the model in the same way: as part of the same step,
   *     with the same dropout and the same way back
   */
  public record Forward(
      Source source,
      List<Example> examples,
      Adaptation adaptation,
      Tensor logits,
      Function<List<Example>, Forward> others) {
    /** The examples as the model takes them. */
    public Batch batch() {
      return new Batch(source, examples.stream().map(Example::target).toList());
    }
  }
}
