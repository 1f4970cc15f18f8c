package org.dapt.method.pfd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Projection;
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
import org.dapt.pet.BlockKind;

/**
 * PFD (Cheng et al., "Exploiting Presentative Feature Distributions for Parameter-Efficient
 * Continual Learning of Large Language Models", ICML 2025, PMLR 267). Each adapted layer l chooses
 * for itself, and nothing but the blocks is learnt:
 *
 * <pre>
 * fˡ(x) = mean over the real tokens of Wˡ hˡ(x)
 * Dᵢˡ   = mean of fˡ over the training inputs of task i
 * Φᵢ    = −‖fˡ − Dᵢˡ‖₂, or ⟨fˡ, Dᵢˡ⟩ / √out
 * wˡ    = softmax of the k largest Φ / τ; 0 for the others
 * y     = Wˡ h + Σᵢ wᵢˡ · s · Bᵢ Aᵢ h
 * </pre>
 *
 * <p>Wˡ {@code [out, in]} is the layer's frozen weight, hˡ its input, s the scale α / r of a
 * block's product. In f and D, h is what the frozen model has, so that Dᵢ is the same whatever is
 * learnt, and known before the task is: a block is learnt alone, with the weight 1. Layers that an
 * input passes only together with an answer (the decoder of T5) take the weights of the last layer
 * of their role that it passes without. The weight of a block for an input as a whole is the mean
 * over the layers.
 */
public final class Pfd implements ContinualMethod {
  /** How near a feature is to a mean. */
  enum Distance {
    /** Φ = −‖f − D‖₂. */
    L2,
    /** Φ = ⟨f, D⟩ / √out. */
    DOT;

    private static final List<String> TEXTS = Arrays.stream(values()).map(Distance::text).toList();

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static Distance of(String text) {
      // A text that is none was noted as a problem.
      return TEXTS.contains(text) ? values()[TEXTS.indexOf(text)] : L2;
    }
  }

  /**
   * The section {@code method.options}.
   *
   * @param distance by which tasks are compared
   * @param k so many blocks take part in a layer
   * @param temperature τ
   */
  record Options(Distance distance, int k, double temperature) {
    static Options read(OptionReader in) {
      return new Options(
          Distance.of(in.choice("distance", Distance.TEXTS, Distance.L2.text())),
          in.wholeNumber("k", 1, 1),
          in.positive("temperature", 1.0));
    }
  }

  @Override
  public String name() {
    return "pfd";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.CHOOSES_BLOCKS, Trait.CHOOSES_BY_LAYER, Trait.SEPARATE_BLOCKS);
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  /** The means of the features, and the features of what is answered. */
  @Override
  public ModelPasses passes(Sections sections, List<Projection> adapted) {
    return new ModelPasses(1, 0, 0, 1);
  }

  @Override
  public void readOptions(OptionReader in) {
    Options.read(in);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      return new PfdLearner(context, learnt, task, LoraOptions.initial(context, task));
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    InputFeatures features = InputFeatures.of(context);
    List<TaskMeans> means = new ArrayList<>();
    learnt.forEach(task -> means.add(TaskMeans.of(task, features.routed())));
    return new PfdPredictor(
        context, learnt, new Routing(features, means, context.own(Options::read)));
  }
}
