package org.dapt.replay;

import java.io.Serializable;
import org.dapt.data.shard.TaskManifest.SplitContent;

/**
 * An example that a generator made up.
 *
 * @param instruction what is to be done; empty where the task has inputs only
 * @param input with what; empty where the task has instructions only
 * @param output the answer; null where the generator gave none
 */
public record PseudoSample(String instruction, String input, String output)
    implements Serializable {
  /** What a generator is asked. */
  public static final String PROMPT = "__gen__";

  /** What stands between instruction and input. */
  static final String INPUT = "__inp__";

  private static final String OUTPUT = "__ans__";

  /** What became of a drawn text. */
  public enum Verdict {
    /** It is a sample. */
    GOOD,
    /** It has not exactly one mark between instruction and input, or several before an output. */
    MALFORMED,
    /** A part of it is empty that is not in examples of the task. */
    EMPTY,
    /** Its output is none of the labels of the task. */
    NO_LABEL
  }

  /**
   * A drawn text.
   *
   * @param sample null unless the verdict is {@link Verdict#GOOD}
   */
  public record Parsed(Verdict verdict, PseudoSample sample) {}

  /**
   * Which of its two sides a sample may lack, for the examples that the generator learnt lack it,
   * too. One of them is always there.
   */
  public record MayLack(boolean instruction, boolean input) {
    /** Of a task that has both in every example. */
    public static final MayLack NOTHING = new MayLack(false, false);

    /** As {@code examples} of a task with {@code definition}, which may be blank, are. */
    static MayLack of(SplitContent examples, String definition) {
      return new MayLack(
          definition.isBlank() && examples.instructed() < examples.examples(),
          examples.blankInputs() > 0);
    }
  }

  /** What the generator learns to answer: {@code instruction __inp__ input __ans__ output}. */
  public static String text(String instruction, String input, String output) {
    return instruction + " " + INPUT + " " + input + " " + OUTPUT + " " + output;
  }

  /** The sample in a text that a generator wrote; an output may be missing. */
  public static Parsed parse(String text, MayLack lacking) {
    String[] parts = text.split(INPUT, -1);
    if (parts.length != 2) {
      return new Parsed(Verdict.MALFORMED, null);
    }
    String[] sides = parts[1].split(OUTPUT, -1);
    if (sides.length > 2 || parts[0].contains(OUTPUT)) {
      return new Parsed(Verdict.MALFORMED, null);
    }
    String instruction = parts[0].strip();
    String input = sides[0].strip();
    boolean nothing = instruction.isEmpty() && input.isEmpty();
    if (nothing
        || (instruction.isEmpty() && !lacking.instruction())
        || (input.isEmpty() && !lacking.input())) {
      return new Parsed(Verdict.EMPTY, null);
    }
    String output = sides.length == 2 && !sides[1].isBlank() ? sides[1].strip() : null;
    return new Parsed(Verdict.GOOD, new PseudoSample(instruction, input, output));
  }
}
