package org.dapt.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Recomputation;
import org.dapt.backbone.Source;
import org.dapt.exchange.GradientExchange;
import org.dapt.method.BatchTerm;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.tensor.Tensors;

/**
 * The part of the loss that is made of examples: the cross-entropy and the method's terms of the
 * batch, micro-batch by micro-batch.
 */
final class BatchLoss {
  /** Where the sums of the terms of the batch begin among those over ranks. */
  private static final int FIRST_TERM = 3;

  private final Backbone backbone;
  private final Learner learner;
  private final GradientExchange exchange;

  private final TrainerOptions options;
  private final List<BatchTerm> terms;

  BatchLoss(Backbone backbone, Learner learner, GradientExchange exchange, TrainerOptions options) {
    this.backbone = backbone;
    this.learner = learner;
    this.exchange = exchange;
    this.options = options;
    terms = learner.batchTerms();
    terms.forEach(term -> requireTerm(term.name()));
    if (terms.size() > BatchTerm.MOST) {
      throw new IllegalArgumentException(
          "A method has %d terms of the batch, at most %d are expected"
              .formatted(terms.size(), BatchTerm.MOST));
    }
  }

  /** Checks that a term of the loss can be kept under {@code name}. */
  static void requireTerm(String name) {
    if (!StepRecord.isTerm(name)) {
      throw new IllegalArgumentException(
          "A term of the loss is called '%s': a name of lower-case letters, digits and underscores is expected that is none of %s"
              .formatted(name, StepRecord.names(List.of())));
    }
  }

  /**
   * The terms over the global batch without their factors, by name.
   *
   * @param sums over ranks
   * @param counts as {@link #counts} gave them
   */
  Map<String, Double> means(double[] sums, double[] counts) {
    Map<String, Double> means = new LinkedHashMap<>();
    for (int i = 0; i < terms.size(); i++) {
      double mean =
          counts[i + 1] == 0 ? 0 : sums[FIRST_TERM + i] / terms.get(i).divisor(counts[i + 1]);
      means.put(terms.get(i).name(), mean);
    }
    return means;
  }

  /**
   * Target tokens of the global batch, and of how much each term of the batch is the mean. They are
   * needed before the way back, because one division by the target tokens has to do for all
   * gradients. Of no use where there are no such terms.
   */
  double[] counts(List<Example> own) {
    double[] counts = new double[1 + terms.size()];
    if (terms.isEmpty()) {
      return counts;
    }
    own.forEach(example -> counts[0] += example.target().length);
    for (int i = 0; i < terms.size(); i++) {
      counts[i + 1] = own.isEmpty() ? 0 : terms.get(i).count().applyAsLong(own);
    }
    Tensor shared = backbone.placement().host().of(ScalarType.Double, counts, counts.length);
    exchange.sum(shared);
    return Tensors.toDoubles(shared);
  }

  /**
   * Adds the gradients of the summed cross-entropy of a micro-batch and of the terms of the batch,
   * all of them times the target tokens of the global batch.
   *
   * @param index of the micro-batch
   * @param counts as {@link #counts} gave them
   * @param numbers takes the summed cross-entropy and the sums of the terms
   * @throws org.dapt.error.TrainingException where the cross-entropy is known at once and is not
   *     finite
   */
  void backward(int index, double[] counts, StepNumbers numbers) {
    try (PointerScope scope = new PointerScope()) {
      List<Example> batch = numbers.batches().get(index);
      Recomputation recomputation = options.recompute() ? new Recomputation() : null;
      BatchTerm.Forward forward = forward(batch, numbers.step(), recomputation);
      Tensor loss = forward.batch().crossEntropy(forward.logits(), backbone.placement());
      numbers.loss(index, loss);
      for (int i = 0; i < terms.size(); i++) {
        BatchTerm term = terms.get(i);
        if (term.count().applyAsLong(batch) > 0) {
          Tensor sum = term.sum().apply(forward);
          numbers.add(FIRST_TERM + i, sum);
          double divisor = term.divisor(counts[i + 1]);
          loss = loss.add(sum.mul(new Scalar(term.factor() * counts[0] / divisor)));
        }
      }
      if (recomputation == null) {
        loss.backward();
      } else {
        recomputation.backward(loss);
      }
    }
  }

  private BatchTerm.Forward forward(
      List<Example> examples, long step, Recomputation recomputation) {
    Source source = backbone.source(examples.stream().map(Example::source).toList());
    Adaptation adaptation = learner.adaptForTraining(source, examples, step);
    if (options.blockDropout() != null) {
      adaptation = options.blockDropout().over(adaptation, examples, step, backbone);
    }
    if (options.dropout() != null) {
      adaptation = options.dropout().over(adaptation, examples, step, backbone.placement());
    }
    if (recomputation != null) {
      adaptation = recomputation.over(adaptation);
    }
    Batch batch = new Batch(source, examples.stream().map(Example::target).toList());
    return new BatchTerm.Forward(
        source,
        examples,
        adaptation,
        backbone.targetLogits(batch, adaptation),
        others -> forward(others, step, recomputation));
  }
}
