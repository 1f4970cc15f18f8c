package org.dapt.method.lfpt5;

import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.OptionReader;
import org.dapt.method.Predictor;
import org.dapt.method.Recollection;
import org.dapt.method.Rehearsal;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.method.Trait;
import org.dapt.method.prompt.PromptOptions;
import org.dapt.pet.BlockKind;
import org.dapt.pet.PromptBank;
import org.dapt.pet.PromptBlock;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Placement;

/**
 * LFPT5 (Qin and Joty, ICLR 2022, arXiv 2110.07298). One soft prompt P in front of the input of a
 * frozen model is trained on from task to task. It answers tasks, and it generates examples of
 * those learnt before, from which it learns again beside the new ones. Per batch, with the new and
 * generated examples (x, y) in it:
 *
 * <pre>
 *   task       = mean over target tokens of the cross-entropy of y, given [P; x]
 *   generator  = the same of the text "x __ans__ y", given [P; "__gen__ task"]
 *   divergence = sum over target positions of generated examples and over the vocabulary of
 *                p_old (log p_old - log p_new), p_old with P as it was before the task
 *   loss       = task + λ_lm generator + λ_kl divergence                           (the paper)
 *   published  = (1 - λ_kl) (task + λ_lm generator) + λ_kl divergence              (its code)
 * </pre>
 *
 * No real examples are kept, and no task of an input need be known. P starts with embeddings of
 * random tokens; the published code puts it behind the input, the paper, as here, in front.
 */
public final class Lfpt5 implements ContinualMethod {
  @Override
  public String name() {
    return "lfpt5";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.ONE_BLOCK);
  }

  @Override
  public BlockKind block() {
    return BlockKind.PROMPT;
  }

  @Override
  public void readOptions(OptionReader in) {
    Lfpt5Options.read(in);
  }

  @Override
  public Rehearsal rehearsal(Sections sections) {
    return sections.own(Lfpt5Options::read).rehearsal();
  }

  @Override
  public Recollection recollection(Sections sections) {
    return new GeneratedText(sections.own(Lfpt5Options::read).labels());
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      Lfpt5Options options = context.own(Lfpt5Options::read);
      PromptBlock start =
          learnt.isEmpty()
              ? PromptOptions.initial(
                  context, KeyedRandom.of(context.seed(), "initial-values", task))
              : prompt(context, learnt);
      return new Lfpt5Learner(
          context.backbone(), options, task, start, !learnt.isEmpty(), PromptOptions.rate(context));
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    PromptBank bank;
    try (PointerScope scope = new PointerScope()) {
      bank = new PromptBank(context.backbone().type(), List.of(prompt(context, learnt)), null);
    }
    Placement placement = context.backbone().placement();
    int length = PromptOptions.of(context).length();
    return new Predictor() {
      @Override
      public int prefixLength() {
        return length;
      }

      @Override
      public Adaptation adapt(Source source, Tensor weights) {
        return bank.mix(placement.ones(placement.learnt(), source.size(), 1));
      }

      @Override
      public void close() {
        bank.close();
      }
    };
  }

  /** The prompt as the last of {@code learnt} left it. */
  private static PromptBlock prompt(MethodContext context, List<LearntTask> learnt) {
    LearntTask last = learnt.get(learnt.size() - 1);
    return PromptOptions.block(context, last.block(), "block of task " + last.task());
  }
}
