package org.dapt.predict;

import java.util.List;
import org.dapt.error.ConfigException;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;

/** Whether somebody must say which task the inputs are of. */
final class KnownTask {
  private KnownTask() {}

  /**
   * Checks {@code task}.
   *
   * @param task null where nobody says it
   * @param tasks the learnt ones
   * @throws ConfigException if the method must know it and does not, or does not want to
   */
  static void check(String method, String task, List<String> tasks) {
    if (ContinualMethods.named(method).has(Trait.NEEDS_TASK)) {
      if (task == null || !tasks.contains(task)) {
        throw new ConfigException(
            "--task is %s: method %s answers only inputs whose task is known. Name one of the learnt tasks: %s."
                .formatted(task == null ? "missing" : task, method, String.join(", ", tasks)));
      }
    } else if (task != null) {
      throw new ConfigException(
          "--task is %s, but method %s does not ask for the task of an input. Leave it out."
              .formatted(task, method));
    }
  }
}
