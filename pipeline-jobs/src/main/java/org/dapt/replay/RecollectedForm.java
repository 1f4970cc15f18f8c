package org.dapt.replay;

import java.util.Set;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.method.Recollection;

/**
 * The samples in the texts that a method makes up by itself, with their outputs. An instruction of
 * a sample's own stands in front of its input, {@code instruction __inp__ input}.
 *
 * @param form of the texts
 * @param labels of the task; empty where any output will do
 * @param instructed whether every sample has an instruction of its own
 * @param blankInputs whether such a sample may lack the input, for examples of the task lack it too
 */
record RecollectedForm(
    Recollection form, Set<String> labels, boolean instructed, boolean blankInputs) {
  /**
   * The form of a task's samples.
   *
   * @param examples its training examples
   * @param definition what is to be done with those that do not say it; blank where there is none
   */
  static RecollectedForm of(
      Recollection form, Set<String> labels, SplitContent examples, String definition) {
    return new RecollectedForm(
        form,
        labels,
        definition.isBlank() && examples.instructed() == examples.examples(),
        examples.blankInputs() > 0);
  }

  /** An input with its instruction, which may be blank. */
  static String input(String instruction, String input) {
    return instruction.isBlank()
        ? input
        : "%s %s %s".formatted(instruction, PseudoSample.INPUT, input);
  }

  /** The sample in {@code text}. */
  PseudoSample.Parsed parse(String text) {
    Recollection.Drawn drawn = form.read(text, labels);
    return switch (drawn.verdict()) {
      case MALFORMED -> new PseudoSample.Parsed(PseudoSample.Verdict.MALFORMED, null);
      case EMPTY -> new PseudoSample.Parsed(PseudoSample.Verdict.EMPTY, null);
      case NO_LABEL -> new PseudoSample.Parsed(PseudoSample.Verdict.NO_LABEL, null);
      case GOOD -> split(drawn.input(), drawn.output());
    };
  }

  private PseudoSample.Parsed split(String asked, String output) {
    String[] sides = asked.split(PseudoSample.INPUT, -1);
    if (sides.length > 2 || (instructed && sides.length < 2)) {
      return new PseudoSample.Parsed(PseudoSample.Verdict.MALFORMED, null);
    }
    if (sides.length < 2) {
      return new PseudoSample.Parsed(
          PseudoSample.Verdict.GOOD, new PseudoSample("", asked, output));
    }
    String instruction = sides[0].strip();
    String input = sides[1].strip();
    return instruction.isEmpty() || (input.isEmpty() && !blankInputs)
        ? new PseudoSample.Parsed(PseudoSample.Verdict.EMPTY, null)
        : new PseudoSample.Parsed(
            PseudoSample.Verdict.GOOD, new PseudoSample(instruction, input, output));
  }
}
