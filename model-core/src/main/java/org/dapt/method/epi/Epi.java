package org.dapt.method.epi;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
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
import org.dapt.method.lora.LoraOptions;
import org.dapt.method.lora.LoraPredictor;
import org.dapt.pet.BlockKind;

/**
 * EPI (Wang et al., ACL 2023 long 612) with LoRA blocks: each task's block is learnt alone, and an
 * input is answered with the block of the task whose class means are nearest, {@code argminₜ min_c
 * (f − μₜ꜀)ᵀ Σ⁺ (f − μₜ꜀)}. The features f are the mean of the frozen model's last hidden states
 * over an input's real tokens; μₜ꜀ is their mean over class c of task t's training inputs, Σ⁺ the
 * pseudo-inverse of the mean of the tasks' covariances, and a task's covariance the mean of those
 * of its classes. Neither the task of an input nor examples of earlier tasks are needed.
 */
public final class Epi implements ContinualMethod {
  /**
   * The section {@code method.options}.
   *
   * @param cutoff eigenvalues of Σ up to so many times the largest count as 0, and differences in
   *     their directions not at all
   * @param ridge so many times the mean eigenvalue is added to each of them, so that all directions
   *     count; 0 is off
   * @param classes most classes of a task: each different answer is one, of more answers the rarest
   *     are one together
   */
  record Options(double cutoff, double ridge, int classes) {
    static Options read(OptionReader in) {
      return new Options(
          in.number("cutoff", 0, 1, 1e-5),
          in.number("ridge", 0, Double.MAX_VALUE, 0.0),
          in.wholeNumber("classes", 1, AnswerClasses.HASHES, 1));
    }
  }

  @Override
  public String name() {
    return "epi";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.CHOOSES_BLOCKS, Trait.SEPARATE_BLOCKS);
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  /** Means and covariance of each task, and the decomposition of their mean in float64. */
  @Override
  public long kept(Sections sections, List<Projection> adapted, long width, int tasks) {
    return tasks * (sections.own(Options::read).classes() + width) * width + 6 * width * width;
  }

  @Override
  public long summed(Sections sections, List<Projection> adapted, long width) {
    return Math.max(width, sections.own(Options::read).classes() + 1L) * width;
  }

  /** The means of the features, then their covariance; and the features of what is answered. */
  @Override
  public ModelPasses passes(Sections sections, List<Projection> adapted) {
    return new ModelPasses(2, 0, 0, 1);
  }

  @Override
  public void readOptions(OptionReader in) {
    Options.read(in);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      return new EpiLearner(context, learnt, task, LoraOptions.initial(context, task));
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    List<TaskFeatures> tasks = new ArrayList<>();
    for (LearntTask task : learnt) {
      tasks.add(TaskFeatures.of(task, context.backbone().width()));
    }
    return new Choosing(context, learnt, nearest(context, tasks));
  }

  /** The choice among {@code tasks} with the options of {@code context}. */
  static NearestTask nearest(MethodContext context, List<TaskFeatures> tasks) {
    Options options = context.own(Options::read);
    return NearestTask.of(tasks, options.cutoff(), options.ridge());
  }

  private static final class Choosing extends LoraPredictor {
    private final MethodContext context;
    private final NearestTask nearest;

    Choosing(MethodContext context, List<LearntTask> learnt, NearestTask nearest) {
      super(context, learnt);
      this.context = context;
      this.nearest = nearest;
    }

    @Override
    public Tensor attentionWeights(Source source) {
      return nearest.weights(context.backbone(), source);
    }

    @Override
    public void close() {
      nearest.close();
      super.close();
    }
  }
}
