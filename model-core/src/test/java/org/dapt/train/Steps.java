package org.dapt.train;

import java.util.List;
import org.dapt.method.Example;

/** Lets tests of other packages look into a step. */
public final class Steps {
  private Steps() {}

  /** Gradients and losses without the update. */
  public static StepReport gradients(Trainer trainer, List<Example> examples) {
    return trainer.gradients(examples);
  }

  public static AdamW optimizer(Trainer trainer) {
    return trainer.optimizer();
  }
}
