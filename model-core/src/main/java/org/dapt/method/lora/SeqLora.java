package org.dapt.method.lora;

import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.Trait;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraBlock;

/** One LoRA block that is trained on from task to task: the lower bound, which forgets. */
public final class SeqLora implements ContinualMethod {
  @Override
  public String name() {
    return "seq-lora";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.ONE_BLOCK);
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    try (PointerScope scope = new PointerScope()) {
      LoraBlock start =
          learnt.isEmpty()
              ? LoraOptions.initial(context, task)
              : LoraBlock.of(learnt.get(learnt.size() - 1).block());
      return new LoraLearner(context, List.of(), task, start);
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return new LoraPredictor(context, List.of(learnt.get(learnt.size() - 1)));
  }
}
