package org.dapt.method.l2p;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ModelPasses;
import org.dapt.method.OptionReader;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.method.Trait;
import org.dapt.method.prompt.PromptOptions;
import org.dapt.random.KeyedRandom;

/**
 * Learning to Prompt (Wang et al., CVPR 2022, arXiv 2112.08654) on language models: one pool of
 * soft prompts for all tasks, which learns on from task to task, and a key for each prompt. An
 * input x gets the N prompts whose keys are most similar to its query, the most similar first:
 *
 * <pre>
 * q = mean over the real tokens of x of the frozen model's last hidden states, without prompts
 * s_j = ⟨q, k_j⟩ / (‖q‖ ‖k_j‖)
 * S(x) = the N largest s_j;   input = [P_S1; …; P_SN; e(x)]
 * loss = CE − c · mean over examples of Σ_(j ∈ S(x)) s_j
 * </pre>
 *
 * <p>Each input chooses for itself, in training as in answering; query and choice have no gradient.
 * Neither the task of an input nor examples of earlier tasks are needed, and nothing is kept of a
 * task but the pool, of which later tasks may take prompts over: it can forget.
 */
public final class L2p implements ContinualMethod {
  /**
   * The name of a vector that is kept of every task: which share of the task's dev inputs chose
   * each prompt, right after it was learnt.
   */
  public static final String CHOSEN = "chosen";

  /**
   * The section {@code method.options}.
   *
   * @param pool M, how many prompts there are
   * @param top N, how many an input gets
   * @param pull c, the factor of the chosen similarities
   */
  record Options(int pool, int top, double pull) {
    static Options read(OptionReader in) {
      int pool = in.wholeNumber("pool", 1, 10);
      return new Options(
          pool,
          in.wholeNumber("top", 1, pool, Math.min(5, pool)),
          in.number("pull-factor", 0, Double.MAX_VALUE, 0.5));
    }
  }

  @Override
  public String name() {
    return "l2p";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.ONE_BLOCK);
  }

  /** The query of an input, which chooses its prompts. */
  @Override
  public ModelPasses passes(Sections sections, List<Projection> adapted) {
    return new ModelPasses(0, 0, 1, 1);
  }

  @Override
  public void readOptions(OptionReader in) {
    Options.read(in);
  }

  @Override
  public OptionalLong trained(Sections sections, List<Projection> projections, long width) {
    long pool = sections.own(Options::read).pool();
    return OptionalLong.of(pool * (PromptOptions.of(sections).length() + 1) * width);
  }

  /** Those of the chosen prompts. */
  @Override
  public int prefix(Sections sections, int tasks) {
    return prefixLength(sections);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      RandomGenerator random = KeyedRandom.of(context.seed(), "initial-values", task);
      PromptPool pool =
          learnt.isEmpty()
              ? PromptPool.initial(context, context.own(Options::read).pool(), random)
              : newest(context, learnt);
      return new L2pLearner(context, pool, task);
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return new Pooled(
        context,
        context.own(Options::read).top(),
        prefixLength(context.sections()),
        newest(context, learnt));
  }

  private static PromptPool newest(MethodContext context, List<LearntTask> learnt) {
    return PromptPool.of(context, learnt.get(learnt.size() - 1));
  }

  /** How many embeddings stand in front of an input. */
  static int prefixLength(Sections sections) {
    return sections.own(Options::read).top() * PromptOptions.of(sections).length();
  }

  private record Pooled(MethodContext context, int top, int prefixLength, PromptPool pool)
      implements Predictor {
    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return PooledPrompts.of(pool, top, context.backbone(), source);
    }

    @Override
    public int prefixLength() {
      return prefixLength;
    }

    @Override
    public void close() {
      // The pool is that of the learnt task.
    }
  }
}
