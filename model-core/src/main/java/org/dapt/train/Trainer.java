package org.dapt.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.MicroBatches;
import org.dapt.error.TrainingException;
import org.dapt.exchange.GradientExchange;
import org.dapt.method.BatchTerm;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.ParameterSet;
import org.dapt.method.StepTerm;
import org.dapt.method.UpdateRule;
import org.dapt.tensor.Tensors;

/**
 * Takes the steps of one rank. All ranks call {@link #step} equally often and hold equal parameters
 * after each call: the gradients of the cross-entropy are summed over micro-batches and ranks and
 * divided by the global number of target tokens; the gradients of the method's terms of the step,
 * the same everywhere, are added behind that. Terms of the batch go with the cross-entropy, each
 * divided by its own count.
 */
public final class Trainer implements AutoCloseable {
  private static final int FIRST_OF_DIGEST = ParameterSet.SPARE_SUMS - ParameterSet.DIGEST_BYTES;

  private final Backbone backbone;
  private final Learner learner;
  private final GradientExchange exchange;
  private final TrainerOptions options;
  private final AdamW optimizer;
  private final BatchLoss batchLoss;
  private final RankComparison comparison;
  private final BestParameters best;
  private long steps;
  private long exchangeNanos;

  public Trainer(
      Backbone backbone, Learner learner, GradientExchange exchange, TrainerOptions options) {
    this.backbone = backbone;
    this.learner = learner;
    this.exchange = exchange;
    this.options = options;
    batchLoss = new BatchLoss(backbone, learner, exchange, options.dropout());
    comparison = new RankComparison(options.verifyRanksEvery(), exchange);
    learner.stepTerms().forEach(term -> BatchLoss.requireTerm(term.name()));
    optimizer = new AdamW(learner.parameters().values(), options.learningRate());
    best = new BestParameters(learner.parameters().values());
  }

  /**
   * One step.
   *
   * @param own this rank's part of the global batch; may be empty where ranks outnumber examples
   * @throws TrainingException where the loss is not finite, or ranks hold different parameters
   */
  public StepReport step(List<Example> own) {
    steps++;
    try (PointerScope scope = new PointerScope()) {
      StepReport report = accumulate(own);
      if (options.maxGradientNorm() > 0) {
        clip();
      }
      update();
      return report;
    }
  }

  /**
   * Gradients and losses of a step, without the update: they lie in the learner's parameters
   * afterwards.
   */
  StepReport accumulate(List<Example> own) {
    ParameterSet parameters = learner.parameters();
    Tensor buffer = parameters.gradientBuffer();
    buffer.zero_();
    // Summed loss, target and source tokens, the sums of the terms of the batch, and a digest.
    double[] local = new double[ParameterSet.SPARE_SUMS];
    double[] counts = batchLoss.counts(own);
    List<List<Example>> batches =
        MicroBatches.byLength(own, Trainer::length, options.microBatchTokens());
    for (List<Example> batch : batches) {
      batchLoss.backward(batch, steps, counts, local);
      for (Example example : batch) {
        local[1] += example.target().length;
        local[2] += example.source().length;
      }
    }
    comparison.give(steps, parameters.values(), local, FIRST_OF_DIGEST);
    long size = parameters.size();
    Tensor sums = buffer.narrow(0, size, ParameterSet.SPARE_SUMS);
    try (NoGradGuard guard = new NoGradGuard()) {
      sums.copy_(backbone.placement().of(ScalarType.Double, local, ParameterSet.SPARE_SUMS));
      long start = System.nanoTime();
      sumOverRanks(buffer);
      exchangeNanos = System.nanoTime() - start;
    }
    double[] global = Tensors.toDoubles(sums);
    comparison.check(steps, global, FIRST_OF_DIGEST);
    try (NoGradGuard guard = new NoGradGuard()) {
      parameters.gradient().div_(new Scalar(global[1]));
    }
    double crossEntropy = global[0] / global[1];
    double loss = crossEntropy;
    Map<String, Double> terms = batchLoss.means(global, counts);
    for (BatchTerm term : learner.batchTerms()) {
      loss += term.factor() * terms.get(term.name());
    }
    for (StepTerm term : learner.stepTerms()) {
      double value = backward(term);
      terms.put(term.name(), value);
      loss += term.factor() * value;
    }
    if (!Double.isFinite(loss)) {
      throw new TrainingException(
          "Training diverged in step %d: cross-entropy %s, other terms %s. Lower train.learning-rate, or set train.max-gradient-norm."
              .formatted(steps, crossEntropy, terms));
    }
    return new StepReport(steps, crossEntropy, terms, loss, (long) global[1], (long) global[2]);
  }

  /**
   * An exchange sums in this process's memory; elsewhere the values take the way there and back.
   */
  private void sumOverRanks(Tensor buffer) {
    if (exchange.ranks() == 1) {
      return;
    }
    Tensor host = buffer.cpu();
    exchange.sum(host);
    if (!buffer.is_cpu()) {
      buffer.copy_(host);
    }
  }

  /** Takes the optimizer's step, as far as the method has no rule of its own for updates. */
  private void update() {
    ParameterSet parameters = learner.parameters();
    UpdateRule rule = learner.updateRule();
    if (rule == null) {
      optimizer.step(parameters.gradient());
      return;
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      Map<String, Tensor> before = parameters.copies();
      optimizer.step(parameters.gradient());
      parameters
          .tensors()
          .forEach(
              (name, tensor) -> {
                Tensor old = before.get(name);
                tensor.copy_(old.add(rule.apply(name, tensor.sub(old))));
              });
    }
  }

  /** The longer side: sources are padded to the longest of their batch, and so are targets. */
  private static int length(Example example) {
    return Math.max(example.source().length, example.target().length);
  }

  /** Adds the gradients of {@code term}, whose value without its factor is returned. */
  private double backward(StepTerm term) {
    try (PointerScope scope = new PointerScope()) {
      Tensor value = term.value().apply(steps);
      if (value == null) {
        return 0;
      }
      value.mul(new Scalar(term.factor())).backward();
      return value.item_double();
    }
  }

  private void clip() {
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor gradient = learner.parameters().gradient();
      double norm = gradient.norm().item_double();
      if (norm > options.maxGradientNorm()) {
        gradient.mul_(new Scalar(options.maxGradientNorm() / norm));
      }
    }
  }

  /**
   * Compares what ranks hold behind the newest step, as some steps do with what they begin with.
   *
   * @throws TrainingException if ranks hold different parameters
   */
  public void compareRanks() {
    comparison.compare(steps + 1, learner.parameters().values(), backbone.placement().host());
  }

  /** What the newest step spent in the sum over ranks, waiting for the slowest rank included. */
  public double exchangeSeconds() {
    return exchangeNanos / 1e9;
  }

  /** The state as it is now; the tensors are the trainer's own and change with the next step. */
  public TrainerState state() {
    return new TrainerState(
        steps, learner.parameters().values(), optimizer.mean(), optimizer.square(), best.state());
  }

  /**
   * Goes on from {@code state}, whose tensors are copied.
   *
   * @throws IllegalArgumentException if it is the state of another number of parameters
   */
  public void restore(TrainerState state) {
    long size = learner.parameters().size();
    List<Tensor> vectors = new ArrayList<>(List.of(state.values(), state.mean(), state.square()));
    if (state.best() != null) {
      vectors.add(state.best().values());
    }
    for (Tensor tensor : vectors) {
      if (tensor.numel() != size) {
        throw new IllegalArgumentException(
            "A state of %d parameters is no state of %d".formatted(tensor.numel(), size));
      }
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      learner.parameters().values().copy_(state.values());
    }
    optimizer.restore(state);
    best.keep(state.best());
    steps = state.step();
  }

  /** What of the parameters was best on dev. */
  BestParameters best() {
    return best;
  }

  /** The optimizer, with its state. */
  AdamW optimizer() {
    return optimizer;
  }

  @Override
  public void close() {
    best.close();
    optimizer.close();
  }
}
