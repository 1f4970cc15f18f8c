package org.dapt.method.gainlora;

import java.util.List;
import java.util.OptionalLong;
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
import org.dapt.method.inflora.DesignedBlock;
import org.dapt.method.lora.LoraOptions;
import org.dapt.method.lora.LoraPredictor;
import org.dapt.method.subspace.InputMoments;
import org.dapt.method.subspace.KeptSpace;
import org.dapt.pet.BlockKind;

/**
 * GainLoRA (Liang et al., NeurIPS 2025, arXiv 2505.15424): a new block for every task, as {@link
 * org.dapt.method.inflora.InfLora} or {@link org.dapt.method.olora.OLora} learns it, and a new
 * {@link Gate} in front of it that is built and updated so that it stays shut for earlier tasks'
 * inputs ({@link GateSpaces}): {@code y = W x + Σᵢ gateᵢ(input) (α/r) Bᵢ Aᵢ x}. The gates do not
 * sum to 1. Neither the task of an input nor examples of earlier tasks are needed.
 *
 * <p>A new gate begins with G₁ and G₂ of the one before it and a G₃ outside of what the p₂ of
 * earlier inputs span. It is the update that is projected, the parameters after the optimizer's
 * step less those before: the optimizer scales the entries of a gradient each by itself, which
 * would undo a projection of that. Gates do not decay.
 */
public final class GainLora implements ContinualMethod {
  @Override
  public String name() {
    return "gain-lora";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.CHOOSES_BLOCKS, Trait.WEIGHTS_ARE_GATES);
  }

  @Override
  public BlockKind block() {
    return BlockKind.GATED_LORA;
  }

  /** Those of the block, as its base learns it, and of the gate. */
  @Override
  public OptionalLong trained(Sections sections, List<Projection> projections, long width) {
    GainLoraOptions options = sections.own(GainLoraOptions::read);
    int rank = sections.shared("lora", in -> in.wholeNumber("r", 1, null));
    long ends =
        sections.adapted(projections).stream()
            .mapToLong(p -> options.designs() ? p.out() : p.in() + p.out())
            .sum();
    return OptionalLong.of(rank * ends + (2L * options.hidden() + 1) * width);
  }

  /** A gate of each task, the spaces of what gates see and, of designed blocks, those of inputs. */
  @Override
  public long kept(Sections sections, List<Projection> adapted, long width, int tasks) {
    GainLoraOptions options = sections.own(GainLoraOptions::read);
    return tasks * (2L * options.hidden() + 1) * width
        + moments(options, width)
        + (options.designs() ? InputMoments.numbers(adapted) : 0);
  }

  @Override
  public long summed(Sections sections, List<Projection> adapted, long width) {
    GainLoraOptions options = sections.own(GainLoraOptions::read);
    return Math.max(
        moments(options, width), options.designs() ? InputMoments.numbersOfPass(adapted) : 0);
  }

  /** Those of p₀, p₁ and p₂. */
  private static long moments(GainLoraOptions options, long width) {
    return 2 * width * width + (long) options.hidden() * options.hidden();
  }

  /** Those of designed blocks; gates look at embeddings alone. */
  @Override
  public ModelPasses passes(Sections sections, List<Projection> adapted) {
    return sections.own(GainLoraOptions::read).designs()
        ? DesignedBlock.passes(adapted)
        : ModelPasses.NONE;
  }

  @Override
  public void readOptions(OptionReader in) {
    GainLoraOptions.read(in);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      return GainLoraLearner.of(context, learnt, task, LoraOptions.initial(context, task));
    }
  }

  /** Spaces are for later blocks and gates. */
  @Override
  public LearntTask answering(LearntTask task) {
    return KeptSpace.emptied(task);
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    boolean cosine = context.own(GainLoraOptions::read).cosine();
    return new Gated(context, learnt, new Gates(Gates.of(context, learnt, cosine)));
  }

  private static final class Gated extends LoraPredictor {
    private final MethodContext context;
    private final Gates gates;

    Gated(MethodContext context, List<LearntTask> learnt, Gates gates) {
      super(context, learnt);
      this.context = context;
      this.gates = gates;
    }

    @Override
    public Tensor attentionWeights(Source source) {
      return gates.values(context, source);
    }
  }
}
