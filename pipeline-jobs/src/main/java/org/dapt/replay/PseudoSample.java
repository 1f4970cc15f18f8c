package org.dapt.replay;

import java.io.Serializable;

/**
 * An example that a generator made up.
 *
 * @param instruction what is to be done, not empty
 * @param input with what, not empty
 * @param output the answer; null where the generator gave none
 */
public record PseudoSample(String instruction, String input, String output)
    implements Serializable {
  /** What a generator is asked. */
  public static final String PROMPT = "__gen__";

  private static final String INPUT = "__inp__";
  private static final String OUTPUT = "__ans__";

  /** What became of a drawn text. */
  public enum Verdict {
    /** It is a sample. */
    GOOD,
    /** It has not exactly one mark between instruction and input, or several before an output. */
    MALFORMED,
    /** Its instruction or its input is empty. */
    EMPTY
  }

  /**
   * A drawn text.
   *
   * @param sample null unless the verdict is {@link Verdict#GOOD}
   */
  public record Parsed(Verdict verdict, PseudoSample sample) {}

  /** What the generator learns to answer: {@code instruction __inp__ input __ans__ output}. */
  public static String text(String instruction, String input, String output) {
    return instruction + " " + INPUT + " " + input + " " + OUTPUT + " " + output;
  }

  /** The sample in a text that a generator wrote; an output may be missing. */
  public static Parsed parse(String text) {
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
    if (instruction.isEmpty() || input.isEmpty()) {
      return new Parsed(Verdict.EMPTY, null);
    }
    String output = sides.length == 2 && !sides[1].isBlank() ? sides[1].strip() : null;
    return new Parsed(Verdict.GOOD, new PseudoSample(instruction, input, output));
  }
}
