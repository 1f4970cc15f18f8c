package org.dapt.method.lora;

import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.error.InputException;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.Trait;
import org.dapt.pet.BlockKind;

/**
 * One LoRA block per task, each learnt alone and applied to inputs that are known to be of its
 * task. Its scores are the reference of forward transfer.
 */
public final class SingleTask implements ContinualMethod {
  @Override
  public String name() {
    return "single-task";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.NEEDS_TASK, Trait.SEPARATE_BLOCKS, Trait.TRANSFER_REFERENCE);
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      return new LoraLearner(context, List.of(), task, LoraOptions.initial(context, task));
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return learnt.stream()
        .filter(task -> task.task().equals(evaluated))
        .findFirst()
        .map(task -> new LoraPredictor(context, List.of(task)))
        .orElseThrow(
            () ->
                new InputException(
                    "single-task has no block for inputs of the task "
                        + evaluated
                        + ": it has not learnt it"));
  }
}
