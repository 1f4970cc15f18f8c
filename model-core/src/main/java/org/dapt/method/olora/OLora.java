package org.dapt.method.olora;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.OptionReader;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.StepTerm;
import org.dapt.method.lora.LoraLearner;
import org.dapt.method.lora.LoraOptions;
import org.dapt.method.lora.LoraPredictor;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraBlock;

/**
 * O-LoRA (Wang et al., Findings of EMNLP 2023, arXiv 2310.14152): a new block for every task, kept
 * away from the input space of earlier ones; all blocks are added, {@code y = W x + Σᵢ (α/rᵢ) Bᵢ Aᵢ
 * x}, with the scale of {@code lora.rslora} where that is set. Neither the task of an input nor
 * examples of earlier tasks are needed.
 *
 * <p>The loss is {@code CE + λ₁ Σᵢ Σⱼₖ |(Aᵢ Aₜᵀ)ⱼₖ| + λ₂ (‖Aₜ‖ + ‖Bₜ‖)}, summed over all adapted
 * projections, as the published code has it; {@code form = squared} takes the squares of the
 * paper's equations 7 and 8.
 */
public final class OLora implements ContinualMethod {
  /**
   * The section {@code method.options}, with the defaults of the published code.
   *
   * @param squared whether entries of Aᵢ Aₜᵀ count squared, or by their absolute values
   * @param lambda1 λ₁, factor of the orthogonality
   * @param lambda2 λ₂, factor of the norms of the new matrices
   */
  record Options(boolean squared, double lambda1, double lambda2) {
    static Options read(OptionReader in) {
      return new Options(
          in.choice("form", List.of("absolute", "squared"), "absolute").equals("squared"),
          in.number("lambda1", 0, Double.MAX_VALUE, 0.5),
          in.number("lambda2", 0, Double.MAX_VALUE, 0.0));
    }
  }

  @Override
  public String name() {
    return "o-lora";
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  @Override
  public void readOptions(OptionReader in) {
    Options.read(in);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      return new Training(context, learnt, task, LoraOptions.initial(context, task));
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return new LoraPredictor(context, learnt);
  }

  private static final class Training extends LoraLearner {
    private final Options options;
    private final Orthogonality orthogonality;

    Training(MethodContext context, List<LearntTask> learnt, String task, LoraBlock start) {
      super(context, learnt, task, start);
      options = context.own(Options::read);
      orthogonality =
          new Orthogonality(
              context.adapted(),
              learnt.stream().map(older -> LoraBlock.of(older.block())).toList(),
              LoraBlock.of(parameters().tensors()));
    }

    @Override
    public List<StepTerm> stepTerms() {
      List<StepTerm> terms = new ArrayList<>();
      terms.add(
          new StepTerm(
              "orthogonality",
              options.lambda1(),
              step -> options.squared() ? orthogonality.squared() : orthogonality.absolute()));
      if (options.lambda2() > 0) {
        terms.add(new StepTerm("norm", options.lambda2(), step -> orthogonality.norm()));
      }
      return terms;
    }

    @Override
    public void close() {
      orthogonality.close();
      super.close();
    }
  }
}
