package org.dapt.method;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.dapt.backbone.Projection;
import org.dapt.pet.BlockKind;

/**
 * A method of continual learning; found by {@link java.util.ServiceLoader}. Implementations have no
 * state: all of it is in what they return. The backbone and the tensors of learnt tasks live longer
 * than what {@link #begin} and {@link #restore} return, which may use them without a copy and never
 * changes them.
 */
public interface ContinualMethod {
  /** The value of {@code method.name}. */
  String name();

  /** What the rest of dapt has to know of it; none by default. */
  default Set<Trait> traits() {
    return Set.of();
  }

  /** Whether it has {@code trait}. */
  default boolean has(Trait trait) {
    return traits().contains(trait);
  }

  /** What its blocks consist of: adapters of other libraries are made of LoRA and prompts alone. */
  default BlockKind block() {
    return BlockKind.OTHER;
  }

  /**
   * Asks for every option of its own, so that the section {@code method.options} of a configuration
   * is checked before anything is learnt. Methods without options of their own leave it as it is.
   */
  default void readOptions(OptionReader in) {}

  /**
   * How many numbers of a task are learnt; empty where that is known of a model in memory alone. As
   * many as a block has, by default.
   *
   * @param sections the settings
   * @param projections of the model
   * @param width of the model
   * @throws org.dapt.error.ConfigException where a setting is wrong
   */
  default OptionalLong trained(Sections sections, List<Projection> projections, long width) {
    return switch (block()) {
      case LORA -> {
        int rank = sections.shared("lora", in -> in.wholeNumber("r", 1, null));
        yield OptionalLong.of(
            sections.adapted(projections).stream().mapToLong(p -> rank * (p.in() + p.out())).sum());
      }
      case PROMPT ->
          OptionalLong.of(
              width * sections.shared("prompt", in -> in.wholeNumber("length", 1, null)));
      default -> OptionalLong.empty();
    };
  }

  /**
   * How many numbers are in memory at most for what is kept of {@code tasks} tasks beside their
   * blocks, in the type of what is learnt; 0, the default, where they are few.
   *
   * @param adapted the projections that have LoRA blocks
   * @param width of the model
   */
  default long kept(Sections sections, List<Projection> adapted, long width, int tasks) {
    return 0;
  }

  /**
   * How many numbers an {@link InputPass} of it adds up at most; 0, the default, where they are
   * few.
   *
   * @param adapted the projections that have LoRA blocks
   * @param width of the model
   */
  default long summed(Sections sections, List<Projection> adapted, long width) {
    return 0;
  }

  /**
   * How often examples pass the model beside learning and answering; not at all by default. Passes
   * over dev examples and over replayed ones are left out: they are few.
   *
   * @param adapted the projections that have LoRA blocks
   */
  default ModelPasses passes(Sections sections, List<Projection> adapted) {
    return ModelPasses.NONE;
  }

  /**
   * How many embeddings stand in front of an input of the model after {@code tasks} tasks.
   *
   * @throws org.dapt.error.ConfigException where a setting is wrong
   */
  default int prefix(Sections sections, int tasks) {
    return block() == BlockKind.PROMPT
        ? sections.shared("prompt", in -> in.wholeNumber("length", 1, null))
        : 0;
  }

  /**
   * How it learns from examples of earlier tasks again, real ones unless it has a {@link
   * #recollection}; null where it does not.
   *
   * @param sections the settings
   */
  default Rehearsal rehearsal(Sections sections) {
    return null;
  }

  /**
   * How it makes up the examples of earlier tasks that it learns from again, with the blocks that
   * it has learnt; null where it makes up none. Such a method has a {@link #rehearsal}.
   *
   * @param sections the settings
   */
  default Recollection recollection(Sections sections) {
    return null;
  }

  /**
   * Starts to learn a task.
   *
   * @param learnt the tasks before it, the oldest first
   * @param task its name
   * @param replay replayed inputs of tasks before it; methods without replay ignore them
   */
  Learner begin(MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay);

  /**
   * What of a task is needed to answer inputs: all of it by default. {@link #restore} takes it for
   * the task, {@link #begin} does not.
   *
   * @return with tensors of {@code task}, and others that belong to the open scope
   */
  default LearntTask answering(LearntTask task) {
    return task;
  }

  /**
   * The model after all tasks of {@code learnt}.
   *
   * @param learnt the tasks so far, the oldest first; not empty
   * @param evaluated the task whose inputs will come; only methods with {@link Trait#NEEDS_TASK}
   *     may look at it
   */
  Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated);
}
