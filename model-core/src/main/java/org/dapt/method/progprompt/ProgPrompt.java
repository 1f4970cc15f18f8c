package org.dapt.method.progprompt;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.error.InputException;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.OptionReader;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.method.Trait;
import org.dapt.method.prompt.PromptOptions;
import org.dapt.pet.BlockKind;
import org.dapt.pet.PromptChain;
import org.dapt.pet.PromptPrefix;
import org.dapt.tensor.Scopes;

/**
 * Progressive Prompts (Razdaibiedina et al., ICLR 2023, arXiv 2301.12314): task k learns a soft
 * prompt P_k in front of those of all earlier tasks, which are frozen; the input is {@code [P_k;
 * P_(k-1); …; P_1; e(x)]} and the loss the cross-entropy. Inputs of task j are answered behind
 * {@code [P_j; …; P_1]} at any time, so that what was learnt of it never changes; their task must
 * be known. No examples of earlier tasks are needed.
 *
 * <p>With {@code residual} the prompt is learnt through a network of its own ({@link
 * ResidualNetwork}), of which nothing but what it makes of the prompt is kept.
 */
public final class ProgPrompt implements ContinualMethod {
  /**
   * The section {@code method.options}, with the defaults of the published code.
   *
   * @param residual whether the prompt is learnt through the residual network
   * @param bottleneck width of the network's hidden layer
   */
  record Options(boolean residual, int bottleneck) {
    static Options read(OptionReader in) {
      return new Options(in.flag("residual", false), in.wholeNumber("bottleneck", 1, 800));
    }
  }

  @Override
  public String name() {
    return "prog-prompt";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.NEEDS_TASK, Trait.CHAINS_BLOCKS);
  }

  @Override
  public BlockKind block() {
    return BlockKind.PROMPT;
  }

  @Override
  public void readOptions(OptionReader in) {
    Options.read(in);
  }

  @Override
  public OptionalLong trained(Sections sections, List<Projection> projections, long width) {
    long prompt = PromptOptions.of(sections).length() * width;
    Options options = sections.own(Options::read);
    return OptionalLong.of(
        prompt + (options.residual() ? ResidualNetwork.numbers(width, options.bottleneck()) : 0));
  }

  /** The prompts of all tasks so far. */
  @Override
  public int prefix(Sections sections, int tasks) {
    return tasks * PromptOptions.of(sections).length();
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    return new ProgPromptLearner(context, learnt, task);
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    int position = learnt.stream().map(LearntTask::task).toList().indexOf(evaluated);
    if (position < 0) {
      throw new InputException(
          "prog-prompt has no prompt for inputs of the task %s: it has not learnt it"
              .formatted(evaluated));
    }
    try (PointerScope scope = new PointerScope()) {
      List<LearntTask> upToIt = learnt.subList(0, position + 1);
      return new Chained(context, Scopes.keep(PromptChain.of(prompts(context, upToIt))));
    }
  }

  /**
   * The prompts of {@code learnt}, the oldest first.
   *
   * @throws InputException where one does not fit the model and the settings
   */
  static List<Tensor> prompts(MethodContext context, List<LearntTask> learnt) {
    List<Tensor> prompts = new ArrayList<>();
    for (LearntTask task : learnt) {
      prompts.add(
          PromptOptions.block(context, task.block(), "block of task " + task.task()).prompt());
    }
    return prompts;
  }

  /** {@code chain} in front of every input of {@code source}. */
  static Adaptation inFrontOf(Source source, Tensor chain, MethodContext context) {
    return new PromptPrefix(
        chain
            .to(context.backbone().type().scalar())
            .unsqueeze(0)
            .expand(source.size(), chain.size(0), chain.size(1)));
  }

  /** The prompts of a task and of those before it. */
  private record Chained(MethodContext context, Tensor chain) implements Predictor {
    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return inFrontOf(source, chain, context);
    }

    @Override
    public int prefixLength() {
      return Math.toIntExact(chain.size(0));
    }

    @Override
    public void close() {
      Scopes.release(chain);
    }
  }
}
