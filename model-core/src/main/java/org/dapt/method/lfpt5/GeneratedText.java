package org.dapt.method.lfpt5;

import java.util.Set;
import org.dapt.method.Recollection;

/**
 * The texts by which a prompt generates examples: {@code __gen__ task} is asked, {@code input
 * __ans__ output} is answered.
 *
 * @param mostLabels see {@link Recollection#mostLabels}
 */
record GeneratedText(int mostLabels) implements Recollection {
  private static final String REQUEST = "__gen__";
  private static final String SEPARATOR = "__ans__";

  @Override
  public String request(String task) {
    return REQUEST + " " + task;
  }

  @Override
  public String text(String input, String output) {
    return input + " " + SEPARATOR + " " + output;
  }

  /** Exactly one separator, neither side blank, and one of the labels where there are some. */
  @Override
  public Drawn read(String text, Set<String> labels) {
    String[] sides = text.split(SEPARATOR, -1);
    if (sides.length != 2) {
      return new Drawn(Verdict.MALFORMED);
    }
    String input = sides[0].strip();
    String output = sides[1].strip();
    if (input.isEmpty() || output.isEmpty()) {
      return new Drawn(Verdict.EMPTY);
    }
    return labels.isEmpty() || labels.contains(output)
        ? new Drawn(Verdict.GOOD, input, output)
        : new Drawn(Verdict.NO_LABEL);
  }
}
