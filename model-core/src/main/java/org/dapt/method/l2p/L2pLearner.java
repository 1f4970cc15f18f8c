package org.dapt.method.l2p;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.BatchTerm;
import org.dapt.method.InputPass;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.method.prompt.PromptOptions;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/** A task being learnt by {@link L2p}. */
final class L2pLearner implements Learner {
  private static final String PULL = "pull";

  private final MethodContext context;
  private final String task;
  private final L2p.Options options;
  private final ParameterSet parameters;
  private final PromptPool pool;
  private final ChoiceCount choices;
  private final int prefixLength;
  private final double rateOfPrompts;
  private final double rateOfKeys;

  /**
   * Trains a copy of {@code start}.
   *
   * @param start the pool as of the task before
   */
  L2pLearner(MethodContext context, PromptPool start, String task) {
    this.context = context;
    this.task = task;
    options = context.own(L2p.Options::read);
    // It is asked for with every example of every step.
    prefixLength = L2p.prefixLength(context.sections());
    rateOfPrompts = PromptOptions.rate(context);
    rateOfKeys = PromptOptions.rateOfKeys(context);
    parameters = new ParameterSet(start.tensors(), context.backbone().placement());
    pool = PromptPool.of(parameters.tensors());
    choices = new ChoiceCount(context.backbone(), pool, options);
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    return PooledPrompts.of(pool, options.top(), context.backbone(), source);
  }

  @Override
  public int prefixLength() {
    return prefixLength;
  }

  /** The chosen keys are drawn towards the queries that chose them. */
  @Override
  public List<BatchTerm> batchTerms() {
    return List.of(
        new BatchTerm(
            PULL,
            -options.pull(),
            List::size,
            forward -> PooledPrompts.in(forward.adaptation()).pull()));
  }

  @Override
  public double learningRate(String parameter, double ofTask) {
    return ofTask * (parameter.equals(PromptPool.PROMPTS) ? rateOfPrompts : rateOfKeys);
  }

  @Override
  public InputPass afterTraining() {
    return choices;
  }

  @Override
  public LearntTask learnt() {
    Map<String, Tensor> copies = parameters.copies();
    Map<String, Tensor> kept = new TreeMap<>();
    kept.put(PromptPool.KEYS, copies.get(PromptPool.KEYS));
    double[] shares = choices.shares();
    if (shares.length > 0) {
      Placement placement = context.backbone().placement();
      try (NoGradGuard guard = new NoGradGuard()) {
        kept.put(
            L2p.CHOSEN,
            Scopes.inScope(() -> placement.of(placement.learnt(), shares, shares.length)));
      }
    }
    return new LearntTask(
        task, Map.of(PromptPool.PROMPTS, copies.get(PromptPool.PROMPTS)), kept, List.of());
  }

  @Override
  public void close() {
    parameters.close();
  }
}
