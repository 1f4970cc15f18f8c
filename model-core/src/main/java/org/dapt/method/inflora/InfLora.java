package org.dapt.method.inflora;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Projection;
import org.dapt.error.InputException;
import org.dapt.method.ContinualMethod;
import org.dapt.method.InputPass;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ModelPasses;
import org.dapt.method.OptionReader;
import org.dapt.method.Passes;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.method.Trait;
import org.dapt.method.lora.LoraLearner;
import org.dapt.method.lora.LoraOptions;
import org.dapt.method.lora.LoraPredictor;
import org.dapt.method.subspace.InputMoments;
import org.dapt.method.subspace.KeptSpace;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraBlock;

/**
 * InfLoRA (Liang and Li, CVPR 2024, arXiv 2404.00228): a new block for every task whose A is
 * designed before the task is learnt, so that the update of the weights, {@code B A}, does not
 * touch what earlier tasks' inputs give; only B is trained. All blocks are added, {@code y = W x +
 * Σᵢ (α/r) Bᵢ Aᵢ x}. Neither the task of an input nor examples of earlier tasks are needed: of a
 * task's inputs the space is kept in which they lie.
 *
 * <p>The design is that of {@link DesignedBlock}. The inputs are those at real tokens, through the
 * model with all blocks so far, answers given. It draws nothing: with the same batches, other seeds
 * come to the same.
 */
public final class InfLora implements ContinualMethod {
  @Override
  public String name() {
    return "inf-lora";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.ADDS_BLOCKS);
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  /** Those of B. */
  @Override
  public OptionalLong trained(Sections sections, List<Projection> projections, long width) {
    int rank = sections.shared("lora", in -> in.wholeNumber("r", 1, null));
    return OptionalLong.of(
        rank * sections.adapted(projections).stream().mapToLong(Projection::out).sum());
  }

  /** The spaces of inputs, which have no more directions than an input has components. */
  @Override
  public long kept(Sections sections, List<Projection> adapted, long width, int tasks) {
    return InputMoments.numbers(adapted);
  }

  @Override
  public long summed(Sections sections, List<Projection> adapted, long width) {
    return InputMoments.numbersOfPass(adapted);
  }

  @Override
  public ModelPasses passes(Sections sections, List<Projection> adapted) {
    return DesignedBlock.passes(adapted);
  }

  @Override
  public void readOptions(OptionReader in) {
    InfLoraOptions.read(in);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      LoraBlock start = LoraOptions.initial(context, task);
      DesignedBlock designed =
          new DesignedBlock(context, learnt, task, context.own(InfLoraOptions::read), start);
      return new Training(context, learnt, task, start, designed);
    }
  }

  /** Spaces are for the design of later blocks. */
  @Override
  public LearntTask answering(LearntTask task) {
    return KeptSpace.emptied(task);
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    for (LearntTask task : learnt) {
      if (!DesignedBlock.isKeptBy(context, task)) {
        throw new InputException(
            "The attention of task %s does not hold the spaces of its inputs, which inf-lora keeps later tasks away from; it was not learnt by inf-lora with this model and these lora.targets"
                .formatted(task.task()));
      }
    }
    return new LoraPredictor(context, learnt);
  }

  private static final class Training extends LoraLearner {
    private final DesignedBlock designed;

    Training(
        MethodContext context,
        List<LearntTask> learnt,
        String task,
        LoraBlock start,
        DesignedBlock designed) {
      super(context, learnt, task, DesignedBlock.trained(start), designed.matrices());
      this.designed = designed;
    }

    @Override
    public InputPass beforeTraining() {
      return Passes.inTurn(designed.before(this::adapt));
    }

    @Override
    public InputPass afterTraining() {
      return Passes.inTurn(designed.after(this::adapt));
    }

    @Override
    public LearntTask learnt() {
      return new LearntTask(super.learnt().task(), block(), designed.kept(), List.of());
    }

    @Override
    public void close() {
      super.close();
      designed.close();
    }
  }
}
