package org.dapt.method.lora;

import java.util.List;
import java.util.Set;
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
 * One LoRA block that learns all tasks together, from the union of their training examples, each
 * example as often as the others, in as many steps as the tasks would have one after the other.
 * Nothing can be forgotten, hence by convention the upper bound of learning in sequence; it is no
 * theorem, and where tasks of few examples stand beside tasks of many they come off badly.
 */
public final class MultiTask implements ContinualMethod {
  private static final SingleTask BLOCK = new SingleTask();

  @Override
  public String name() {
    return "multi-task";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.AT_ONCE, Trait.ONE_BLOCK);
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    return BLOCK.begin(context, learnt, task, replay);
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    LearntTask last = learnt.get(learnt.size() - 1);
    if (last.block().isEmpty()) {
      throw new InputException(
          "multi-task learns all tasks with the last one, and %s is not the last: there is no block yet"
              .formatted(last.task()));
    }
    return new LoraPredictor(context, List.of(last));
  }
}
