package org.dapt.replay;

import org.dapt.method.Example;
import org.dapt.method.Recollection;
import org.dapt.tokenizer.TextTokenizer;

/**
 * What a method learns in order to make up examples, as token ids.
 *
 * @param form of the texts
 * @param maxTokens of a text; what is longer is cut
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
    String text = form.text(RecollectedForm.input(instruction, input), output);
    return new Example(
        id + ", to be made up",
        row,
        request(task),
        tokenizer.encodeTarget(text, maxTokens, tokenizer.rules().targetEnd()).ids());
  }
}
