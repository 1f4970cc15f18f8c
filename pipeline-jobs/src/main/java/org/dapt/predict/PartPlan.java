package org.dapt.predict;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.dapt.answer.AnswerPlan;

/**
 * What the Spark tasks that answer parts need.
 *
 * @param tasks the learnt tasks, the oldest first
 * @param task of all inputs, for methods that must know it; null where nobody knows
 * @param template {@code tasks.template}
 * @param instruction for rows without one of their own
 * @param maxSourceTokens longest source in tokens
 * @param inputs folder of the parts' rows
 * @param parts the names of their files
 * @param firstRows the index of the first row of each part
 * @param output folder of the predictions
 */
// Arrays: nobody compares plans.
@SuppressWarnings("ArrayRecordComponent")
record PartPlan(
    AnswerPlan answers,
    List<String> tasks,
    String task,
    String template,
    String instruction,
    int maxSourceTokens,
    String inputs,
    List<String> parts,
    long[] firstRows,
    String output,
    OutputFormat format)
    implements Serializable {
  /** The file of a part's predictions. */
  static String file(int part, OutputFormat format) {
    return String.format(Locale.ROOT, "part-%05d.%s", part, format.text());
  }
}
