package org.dapt.tokenizer;

import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be done to the end that a tokenizer's template gives to a text. */
final class SourceEnd {
  private static final Logger LOG = LoggerFactory.getLogger(SourceEnd.class);

  /** Ids of the template's end that are left out. */
  private final int dropped;

  /** Ids behind the template's end. */
  private final int[] added;

  private SourceEnd(int dropped, int... added) {
    this.dropped = dropped;
    this.added = added;
  }

  /**
   * What makes of the template's end what the model expects; a line in the log tells where they
   * differ.
   *
   * @param closing the ids that the template puts behind a text
   * @param rules of the model; null to leave it as it is
   * @param file of the tokenizer, for the log
   */
  static SourceEnd of(int[] closing, TokenRules rules, String file) {
    if (rules == null) {
      return new SourceEnd(0);
    }
    if (rules.sourceEnds()) {
      if (closing.length > 0 && closing[closing.length - 1] == rules.targetEnd()) {
        return new SourceEnd(0);
      }
      LOG.info(
          "The template of the tokenizer {} puts no end token behind a text; sources of this kind"
              + " of model end with one, so that it is added",
          file);
      return new SourceEnd(0, rules.targetEnd());
    }
    int count = 0;
    while (count < closing.length
        && rules.endTokens().contains(closing[closing.length - 1 - count])) {
      count++;
    }
    if (count > 0) {
      LOG.info(
          "The template of the tokenizer {} puts an end token behind a text; sources of this kind"
              + " of model end without one, so that it is left out",
          file);
    }
    return new SourceEnd(count);
  }

  /** {@code ids}, which end as the template says, with the end that the model expects. */
  int[] of(int[] ids) {
    if (dropped == 0 && added.length == 0) {
      return ids;
    }
    int kept = ids.length - dropped;
    int[] ended = Arrays.copyOf(ids, kept + added.length);
    System.arraycopy(added, 0, ended, kept, added.length);
    return ended;
  }
}
