package org.dapt.job;

import java.util.List;
import java.util.stream.Stream;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;

/** How the tasks of a run are taken by a method that takes them together, {@link Trait#AT_ONCE}. */
public final class AtOnce {
  private AtOnce() {}

  /** Whether {@code config}'s method takes the tasks together. */
  public static boolean is(DaptConfig config) {
    return ContinualMethods.named(config.method().name()).has(Trait.AT_ONCE);
  }

  /** Whether the {@code number}th task is taken with a later one only. */
  public static boolean defers(DaptConfig config, int number) {
    return is(config) && number < config.tasks().order().size();
  }

  /**
   * Whether the last of {@code tasks} leaves an empty block: it is taken with a later one, or
   * nothing is learnt at all.
   */
  public static boolean leavesNothing(DaptConfig config, List<String> tasks) {
    return defers(config, tasks.size())
        || ContinualMethods.named(config.method().name()).has(Trait.LEARNS_NOTHING);
  }

  /**
   * The tasks whose examples are learnt from with the last of {@code tasks}: it alone, or all of
   * them, the last in front.
   */
  public static List<String> together(DaptConfig config, List<String> tasks) {
    String last = tasks.get(tasks.size() - 1);
    if (!is(config)) {
      return List.of(last);
    }
    return Stream.concat(Stream.of(last), tasks.subList(0, tasks.size() - 1).stream()).toList();
  }

  /**
   * Refuses one more task.
   *
   * @throws ConfigException where the method takes the tasks together
   */
  public static void requireOneByOne(DaptConfig config) {
    if (is(config)) {
      throw new ConfigException(
          "The method %s takes all tasks together: name all of them in tasks.order and use dapt run, in a run directory of its own."
              .formatted(config.method().name()));
    }
  }
}
