package org.dapt.replay;

import java.util.function.UnaryOperator;
import org.dapt.method.Example;
import org.dapt.method.Recollection;
import org.dapt.tokenizer.EncodedText;
import org.dapt.tokenizer.TextTokenizer;

/**
 * What a method learns in order to make up examples, as token ids.
 *
 * @param form of the texts
 * @param maxTokens of a text. Of a longer one the input is cut, so that the form and the output
 *     stay: input and instruction down to a quarter of the tokens each, then the output
 */
public record RecollectedTexts(Recollection form, TextTokenizer tokenizer, int maxTokens) {
  /** What is asked for an example of {@code task}. */
  int[] request(String task) {
    return tokenizer.encode(form.request(task), maxTokens).ids();
  }

  /**
   * The text of an example behind what is asked for it, as an example of its own.
   *
   * @param id of the example
   * @param row of the example
   * @param instruction its own; blank where the task says it
   */
  public Example of(
      String id, long row, String task, String instruction, String input, String output) {
    return new Example(
        id + ", to be made up", row, request(task), target(instruction, input, output));
  }

  /** Whether the text of an example is too long. */
  boolean isCut(String instruction, String input, String output) {
    return encoded(form.text(RecollectedForm.input(instruction, input), output)).truncated();
  }

  private int[] target(String instruction, String input, String output) {
    EncodedText whole = encoded(form.text(RecollectedForm.input(instruction, input), output));
    if (!whole.truncated()) {
      return whole.ids();
    }
    String shortened =
        cut(input, part -> form.text(RecollectedForm.input(instruction, part), output));
    if (instruction.isBlank()) {
      return encoded(form.text(shortened, output)).ids();
    }
    String shorter =
        cut(instruction, part -> form.text(RecollectedForm.input(part, shortened), output));
    return encoded(form.text(RecollectedForm.input(shorter, shortened), output)).ids();
  }

  /**
   * The longest beginning of {@code part} with which the text is not too long, but never less than
   * what a quarter of the tokens holds.
   *
   * @param text the text with a beginning of {@code part}
   */
  private String cut(String part, UnaryOperator<String> text) {
    int fits = 0;
    int tooLong = part.codePointCount(0, part.length()) + 1;
    while (tooLong - fits > 1) {
      int middle = (fits + tooLong) / 2;
      String beginning = part.substring(0, part.offsetByCodePoints(0, middle));
      if (!encoded(text.apply(beginning)).truncated()
          || encoded(beginning).fullLength() <= maxTokens / 4) {
        fits = middle;
      } else {
        tooLong = middle;
      }
    }
    return part.substring(0, part.offsetByCodePoints(0, fits)).strip();
  }

  private EncodedText encoded(String text) {
    return tokenizer.encodeTarget(text, maxTokens, tokenizer.rules().targetEnd());
  }
}
