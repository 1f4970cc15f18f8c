package org.dapt.method.olora;

import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.OptionReader;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.StepTerm;
import org.dapt.method.Trait;
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
  @Override
  public String name() {
    return "o-lora";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.ADDS_BLOCKS);
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  @Override
  public void readOptions(OptionReader in) {
    OLoraOptions.read(in);
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
    private final OLoraOptions options;
    private final Orthogonality orthogonality;

    Training(MethodContext context, List<LearntTask> learnt, String task, LoraBlock start) {
      super(context, learnt, task, start);
      options = context.own(OLoraOptions::read);
      orthogonality =
          new Orthogonality(
              context.adapted(),
              learnt.stream().map(older -> LoraBlock.of(older.block())).toList(),
              LoraBlock.of(parameters().tensors()));
    }

    @Override
    public List<StepTerm> stepTerms() {
      return options.terms(orthogonality);
    }

    @Override
    public void close() {
      orthogonality.close();
      super.close();
    }
  }
}
