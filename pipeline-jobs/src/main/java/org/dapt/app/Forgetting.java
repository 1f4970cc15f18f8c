package org.dapt.app;

import java.util.Optional;
import org.dapt.config.DaptConfig;
import org.dapt.config.ReflectionSource;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;

/** Warns of a stream whose configuration lets tasks be forgotten that its method could keep. */
final class Forgetting {
  /** The key that decides. */
  static final String KEY = "reflection.source";

  private Forgetting() {}

  /**
   * What to say before {@code flow}: that its method reflects on inputs of earlier tasks and gets
   * none; empty where that is not so.
   *
   * @param learnt how many tasks the run has learnt: those are past help
   */
  static Optional<String> warning(DaptConfig config, Flow flow, int learnt) {
    if (config.reflection().source() != ReflectionSource.NONE
        || !ContinualMethods.named(config.method().name()).has(Trait.REFLECTS)) {
      return Optional.empty();
    }
    return flow.firstAfterOthers(learnt)
        .map(
            step ->
                "task %s is learnt after %s without replayed inputs, so that earlier tasks are likely to be forgotten: method %s reflects on them, but %s is none. Set it to train, given or generated%s."
                    .formatted(
                        step.task(),
                        step.tasks().get(step.number() - 2),
                        config.method().name(),
                        KEY,
                        learnt > 0 ? ", in another run.dir" : ""));
  }
}
