package org.dapt.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.MicroBatches;
import org.dapt.error.TrainingException;
import org.dapt.exchange.GradientExchange;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.ParameterSet;
import org.dapt.method.StepTerm;
import org.dapt.method.UpdateRule;

/**
 * Takes the steps of one rank. All ranks call {@link #step} equally often and hold equal parameters
 * after each call: the gradients of the cross-entropy are summed over micro-batches and ranks and
 * divided by the global number of target tokens; the gradients of the method's terms of the step,
 * the same everywhere, are added behind that. Terms of the batch go with the cross-entropy, each
 * divided by its own count.
 */
public final class Trainer implements AutoCloseable {
  private static final int TARGET_TOKENS = 1;
  private static final int SOURCE_TOKENS = 2;
  private static final int FIRST_OF_DIGEST = ParameterSet.SPARE_SUMS - ParameterSet.DIGEST_BYTES;

  private final Backbone backbone;
  private final Learner learner;
  private final GradientExchange exchange;
  private final TrainerOptions options;
  private final AdamW optimizer;
  private final WeightDecay decay;
  private final BatchLoss batchLoss;
  private final RankComparison comparison;
  private final BestParameters best;
  private final RankSum rankSum;
  private final OpenSteps open;
  private final boolean atOnce;
  private long steps;

  public Trainer(
      Backbone backbone, Learner learner, GradientExchange exchange, TrainerOptions options) {
    this.backbone = backbone;
    this.learner = learner;
    this.exchange = exchange;
    this.options = options;
    batchLoss = new BatchLoss(backbone, learner, exchange, options);
    comparison = new RankComparison(options.verifyRanksEvery(), exchange);
    learner.stepTerms().forEach(term -> BatchLoss.requireTerm(term.name()));
    ParameterSet parameters = learner.parameters();
    ToDoubleFunction<String> rate = name -> learner.learningRate(name, options.learningRate());
    optimizer = new AdamW(parameters.values(), RateSpan.of(parameters, name -> true, rate));
    decay = new WeightDecay(parameters, options.weightDecay(), learner::decays, rate);
    best = new BestParameters(learner.parameters().values());
    rankSum = new RankSum(learner.parameters(), exchange, backbone.placement());
    open = new OpenSteps(learner, batchLoss);
    atOnce = !backbone.placement().device().isAccelerator();
  }

  /**
   * One step.
   *
   * @param own this rank's part of the global batch; may be empty where ranks outnumber examples
   * @throws TrainingException where the loss is not finite, or ranks hold different parameters
   */
  public StepReport step(List<Example> own) {
    take(own);
    return newest();
  }

  /**
   * One step, without waiting for what it came to where the device is an accelerator: a loss that
   * is not finite is noticed when the reports are asked for, or the state.
   *
   * @param own as for {@link #step}
   * @throws TrainingException as {@link #step}, as far as it is noticed
   */
  public void take(List<Example> own) {
    steps++;
    try (PointerScope scope = new PointerScope()) {
      accumulate(own);
      if (options.maxGradientNorm() > 0) {
        clip();
      }
      update();
    }
  }

  /**
   * What the steps saw that were taken since the last call, in their order.
   *
   * @throws TrainingException where a loss is not finite
   */
  public List<StepReport> reports() {
    return open.reports();
  }

  /** Whether reports cost no waiting. */
  boolean reportsAtOnce() {
    return atOnce;
  }

  /**
   * Gradients and losses of a step, without the update: they lie in the learner's parameters
   * afterwards.
   */
  StepReport gradients(List<Example> own) {
    accumulate(own);
    return newest();
  }

  private StepReport newest() {
    List<StepReport> reports = reports();
    return reports.get(reports.size() - 1);
  }

  private void accumulate(List<Example> own) {
    ParameterSet parameters = learner.parameters();
    parameters.gradientBuffer().zero_();
    List<StepTerm> terms = learner.stepTerms();
    List<List<Example>> batches =
        MicroBatches.byLength(own, this::length, options.microBatchTokens());
    StepNumbers numbers =
        new StepNumbers(steps, exchange.rank(), batches, terms.size(), backbone.placement());
    double[] counts = batchLoss.counts(own);
    for (int i = 0; i < batches.size(); i++) {
      batchLoss.backward(i, counts, numbers);
    }
    // Target and source tokens and a digest, behind the summed loss.
    double[] known = new double[ParameterSet.SPARE_SUMS];
    own.forEach(example -> known[TARGET_TOKENS] += example.target().length);
    own.forEach(example -> known[SOURCE_TOKENS] += example.source().length);
    if (comparison.give(steps, parameters.values(), known, FIRST_OF_DIGEST)) {
      open.read();
    }
    double[] global = rankSum.sum(numbers, known);
    comparison.check(steps, global, FIRST_OF_DIGEST);
    numbers.tokens(global[TARGET_TOKENS], global[SOURCE_TOKENS]);
    try (NoGradGuard guard = new NoGradGuard()) {
      parameters.gradient().div_(new Scalar(global[TARGET_TOKENS]));
    }
    for (int i = 0; i < terms.size(); i++) {
      backward(terms.get(i), i, numbers);
    }
    open.add(numbers, counts);
    if (atOnce) {
      open.read();
    }
  }

  /** Takes the optimizer's step, as far as the method has no rule of its own for updates. */
  private void update() {
    ParameterSet parameters = learner.parameters();
    UpdateRule rule = learner.updateRule();
    if (rule == null) {
      updateAll();
      return;
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      Map<String, Tensor> before = new HashMap<>();
      parameters
          .tensors()
          .forEach(
              (name, tensor) -> {
                if (rule.changes(name)) {
                  before.put(name, tensor.clone());
                }
              });
      updateAll();
      before.forEach(
          (name, old) -> {
            Tensor tensor = parameters.get(name);
            tensor.copy_(old.add(rule.apply(name, tensor.sub(old))));
          });
    }
  }

  private void updateAll() {
    double factor = options.schedule().factor(steps);
    decay.apply(factor);
    optimizer.step(learner.parameters().gradient(), factor);
  }

  /**
   * The longer side, what is put in front included: sources are padded to the longest of their
   * batch, and so are targets.
   */
  private int length(Example example) {
    return Math.max(learner.prefixLength() + example.source().length, example.longestSide());
  }

  /** Adds the gradients of {@code term}, and notes its value without its factor. */
  private void backward(StepTerm term, int index, StepNumbers numbers) {
    try (PointerScope scope = new PointerScope()) {
      Tensor value = term.value().apply(steps);
      if (value != null) {
        value.mul(new Scalar(term.factor())).backward();
        numbers.term(index, value);
      }
    }
  }

  /** Scales gradients whose norm is too large; nothing of it is read. */
  private void clip() {
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor gradient = learner.parameters().gradient();
      Tensor norm = gradient.norm().to(ScalarType.Double);
      Tensor factor = torch.full_like(norm, new Scalar(options.maxGradientNorm())).div_(norm);
      gradient.mul_(factor.clamp_max_(new Scalar(1.0)));
    }
  }

  /**
   * Compares what ranks hold behind the newest step, as some steps do with what they begin with.
   *
   * @throws TrainingException if ranks hold different parameters
   */
  public void compareRanks() {
    open.read();
    comparison.compare(steps + 1, learner.parameters().values(), backbone.placement().host());
  }

  /** What the newest step spent in the sum over ranks, waiting for the slowest rank included. */
  public double exchangeSeconds() {
    return rankSum.seconds();
  }

  /**
   * The state as it is now; the tensors are the trainer's own and change with the next step.
   *
   * @throws TrainingException where a loss of the steps so far is not finite
   */
  public TrainerState state() {
    open.read();
    return new TrainerState(
        steps,
        learner.parameters().values(),
        optimizer.mean(),
        optimizer.square(),
        best.state(),
        learner.decided());
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
      // What was decided anew need not be the same, where another processor computes now.
      Map<String, Tensor> decided = learner.decided();
      state.decided().forEach((name, tensor) -> decided.get(name).copy_(tensor));
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
    open.close();
    rankSum.close();
    best.close();
    optimizer.close();
  }
}
