package org.dapt.train;

import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.TrainingException;
import org.dapt.method.Example;
import org.dapt.method.ParameterSet;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * What a step comes to, kept where it is computed: a number that Java reads has it wait for an
 * accelerator. They are one float64 vector: the sums of the batch as {@link ParameterSet} has them
 * behind the gradients, the terms of the step, the summed cross-entropy of each micro-batch.
 */
final class StepNumbers implements AutoCloseable {
  private static final int SUMS = ParameterSet.SPARE_SUMS;

  private final long step;
  private final int rank;
  private final List<List<Example>> batches;
  private final int stepTerms;
  private final Tensor values;

  /** Those of the global batch, once they are known. */
  private double[] tokens = {0, 0};

  /**
   * All of them 0, in the open scope until {@link #keep}.
   *
   * @param step from 1
   * @param batches this rank's micro-batches
   * @param stepTerms how many terms of the step there are
   */
  StepNumbers(
      long step, int rank, List<List<Example>> batches, int stepTerms, Placement placement) {
    this.step = step;
    this.rank = rank;
    this.batches = batches;
    this.stepTerms = stepTerms;
    values = placement.zeros(ScalarType.Double, SUMS + stepTerms + batches.size());
  }

  long step() {
    return step;
  }

  List<List<Example>> batches() {
    return batches;
  }

  /**
   * Notes the summed cross-entropy of a micro-batch, and adds it to that of the batch.
   *
   * @throws TrainingException where it lies in this process's memory and is not finite
   */
  void loss(int batch, Tensor loss) {
    if (loss.is_cpu()) {
      requireFinite(batch, loss.item_double());
    }
    put(SUMS + stepTerms + batch, loss);
    add(0, loss);
  }

  /** Adds to a sum of the batch. */
  void add(int entry, Tensor value) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      values.select(0, entry).add_(value.to(ScalarType.Double));
    }
  }

  /** Notes the value of a term of the step; one that is not noted is 0. */
  void term(int index, Tensor value) {
    put(SUMS + index, value);
  }

  private void put(int entry, Tensor value) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      values.select(0, entry).copy_(value);
    }
  }

  /** The sums of the batch: of this rank, then of all. */
  Tensor sums() {
    return values.narrow(0, 0, SUMS);
  }

  /** Notes how many tokens the global batch has. */
  void tokens(double target, double source) {
    tokens = new double[] {target, source};
  }

  long targetTokens() {
    return (long) tokens[0];
  }

  long sourceTokens() {
    return (long) tokens[1];
  }

  /** All numbers, {@code [n]}, to be read together with those of other steps. */
  Tensor all() {
    return values;
  }

  /**
   * The value of a term of the step.
   *
   * @param read {@link #all}
   */
  static double term(double[] read, int index) {
    return read[SUMS + index];
  }

  /**
   * Looks at the cross-entropy of the micro-batches.
   *
   * @param read {@link #all}
   * @throws TrainingException naming the examples of the first one that is not finite
   */
  void requireFinite(double[] read) {
    for (int batch = 0; batch < batches.size(); batch++) {
      requireFinite(batch, read[SUMS + stepTerms + batch]);
    }
  }

  /** The same, reading them now. */
  void requireFinite() {
    requireFinite(Tensors.toDoubles(values));
  }

  private void requireFinite(int batch, double loss) {
    if (!Double.isFinite(loss)) {
      throw new TrainingException(
          TrainingException.DIVERGED
              + " in step %d: the loss of the examples %s on rank %d is %s. Lower train.learning-rate, in another run.dir or by tasks.overrides for this task, set train.max-gradient-norm in another run.dir, or look at these examples."
                  .formatted(
                      step,
                      batches.get(batch).stream()
                          .map(Example::id)
                          .collect(Collectors.joining(", ")),
                      rank,
                      loss));
    }
  }

  /** Keeps them beyond the open scopes, until {@link #close}. */
  StepNumbers keep() {
    Scopes.keep(values);
    return this;
  }

  @Override
  public void close() {
    Scopes.release(values);
  }
}
