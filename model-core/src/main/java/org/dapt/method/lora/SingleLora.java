package org.dapt.method.lora;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.method.Predictor;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Placement;

/**
 * One LoRA block alone, as plain LoRA fine-tuning has it: what the methods without a mixture are
 * made of.
 */
final class SingleLora {
  private SingleLora() {}

  /** Initial values of a new block. */
  static LoraBlock initial(MethodContext context, String task) {
    return LoraBlock.initial(
        context.adapted(),
        LoraOptions.of(context).rank(),
        KeyedRandom.of(context.seed(), "initial-values", task),
        context.backbone().placement());
  }

  /** Trains a copy of {@code start}. */
  static Learner learner(MethodContext context, String task, LoraBlock start) {
    return new Training(context, task, start);
  }

  /** Applies {@code block} to every input. */
  static Predictor predictor(MethodContext context, LearntTask learnt) {
    LoraBlock block = LoraBlock.of(learnt.block());
    block.check(context.adapted(), "block of task " + learnt.task());
    return new Frozen(context, block);
  }

  private static Adaptation applyAlone(MethodContext context, LoraBank bank, Source source) {
    Placement placement = context.backbone().placement();
    return bank.mix(placement.ones(placement.learnt(), source.size(), 1));
  }

  private static final class Training implements Learner {
    private final MethodContext context;
    private final String task;
    private final ParameterSet parameters;
    private final LoraBank bank;

    Training(MethodContext context, String task, LoraBlock start) {
      this.context = context;
      this.task = task;
      parameters = new ParameterSet(start.tensors(), context.backbone().placement());
      bank =
          new LoraBank(
              context.backbone().placement(),
              context.adapted(),
              List.of(),
              LoraBlock.of(parameters.tensors()),
              LoraOptions.of(context).alpha());
    }

    @Override
    public ParameterSet parameters() {
      return parameters;
    }

    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return applyAlone(context, bank, source);
    }

    @Override
    public LearntTask learnt() {
      return new LearntTask(task, parameters.copies(), Map.of(), List.of());
    }

    @Override
    public void close() {
      bank.close();
      parameters.close();
    }
  }

  private static final class Frozen implements Predictor {
    private final MethodContext context;
    private final LoraBank bank;

    Frozen(MethodContext context, LoraBlock block) {
      this.context = context;
      bank =
          new LoraBank(
              context.backbone().placement(),
              context.adapted(),
              List.of(block),
              null,
              LoraOptions.of(context).alpha());
    }

    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return applyAlone(context, bank, source);
    }

    @Override
    public void close() {
      bank.close();
    }
  }
}
