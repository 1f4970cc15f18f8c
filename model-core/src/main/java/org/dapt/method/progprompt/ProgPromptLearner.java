package org.dapt.method.progprompt;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.method.prompt.PromptOptions;
import org.dapt.pet.PromptBlock;
import org.dapt.pet.PromptChain;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/** A task being learnt by {@link ProgPrompt}. */
final class ProgPromptLearner implements Learner {
  private final MethodContext context;
  private final String task;
  private final ProgPrompt.Options options;
  private final ParameterSet parameters;

  /** The frozen prompts, the newest first; null for a first task. */
  private final Tensor older;

  private final int rows;
  private final double rate;

  ProgPromptLearner(MethodContext context, List<LearntTask> learnt, String task) {
    this.context = context;
    this.task = task;
    options = context.own(ProgPrompt.Options::read);
    Backbone backbone = context.backbone();
    rate = PromptOptions.rate(context);
    rows = (learnt.size() + 1) * PromptOptions.of(context).length();
    try (PointerScope scope = new PointerScope()) {
      older =
          learnt.isEmpty()
              ? null
              : Scopes.keep(PromptChain.of(ProgPrompt.prompts(context, learnt)));
      RandomGenerator random = KeyedRandom.of(context.seed(), "initial-values", task);
      Map<String, Tensor> initial =
          new LinkedHashMap<>(PromptOptions.initial(context, random).tensors());
      if (options.residual()) {
        initial.putAll(
            ResidualNetwork.initial(
                    backbone.width(), options.bottleneck(), random, backbone.placement())
                .tensors());
      }
      parameters = new ParameterSet(initial, backbone.placement());
    }
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  /**
   * The prompt as it stands in front of inputs: what the network makes of it, where there is one.
   */
  private Tensor newest() {
    Tensor prompt = parameters.get(PromptBlock.PROMPT);
    return options.residual() ? ResidualNetwork.of(parameters.tensors()).apply(prompt) : prompt;
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    Tensor chain = older == null ? newest() : Tensors.cat(List.of(newest(), older), 0);
    return ProgPrompt.inFrontOf(source, chain, context);
  }

  @Override
  public int prefixLength() {
    return rows;
  }

  /** The network learns at the task's own rate, as layers of a model do. */
  @Override
  public double learningRate(String parameter, double ofTask) {
    return parameter.equals(PromptBlock.PROMPT) ? rate * ofTask : ofTask;
  }

  @Override
  public LearntTask learnt() {
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor kept = Scopes.inScope(() -> newest().detach().clone());
      return new LearntTask(task, new PromptBlock(kept).tensors(), Map.of(), List.of());
    }
  }

  @Override
  public void close() {
    Scopes.release(older);
    parameters.close();
  }
}
