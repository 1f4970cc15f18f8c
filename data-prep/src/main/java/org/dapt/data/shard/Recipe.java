package org.dapt.data.shard;

import java.io.Serializable;
import org.dapt.error.ConfigException;

/**
 * The settings that, with the task's files and the tokenizer, decide every byte of the prepared
 * data. The components are the keys of the same names below {@code tasks}.
 *
 * @param format name of the reader
 * @param template {@code super-ni}, {@code long-sequence} or a text with {@code {input}}
 * @param maxSourceTokens longest source in tokens, the end token included
 * @param maxTargetTokens longest target in tokens, the end token included
 * @param shards shards per split
 * @param holdOut share of train that becomes dev where there is no dev split of its own
 * @param splitSeed seed of the hold-out
 * @param beginOfText whether a source begins as the tokenizer begins a text
 */
public record Recipe(
    String format,
    String template,
    int maxSourceTokens,
    int maxTargetTokens,
    int shards,
    double holdOut,
    long splitSeed,
    boolean beginOfText)
    implements Serializable {
  /** A component that manifests of earlier versions lack; they began as the tokenizer does. */
  static final String BEGIN_OF_TEXT = "begin_of_text";

  /** More shards than any cluster that trains one small block has use for. */
  private static final int MOST_SHARDS = 4096;

  /**
   * Checks the values.
   *
   * @throws ConfigException if one is out of its range
   */
  public Recipe {
    atLeastOne("tasks.max-source-tokens", maxSourceTokens);
    atLeastOne("tasks.max-target-tokens", maxTargetTokens);
    atLeastOne("tasks.shards", shards);
    if (shards > MOST_SHARDS) {
      throw new ConfigException(
          "tasks.shards is %d, expected at most %d: a shard is read by one rank at a time."
              .formatted(shards, MOST_SHARDS));
    }
    if (!(holdOut > 0 && holdOut < 1)) {
      throw new ConfigException(
          "tasks.hold-out is %s, expected a share between 0 and 1, such as 0.1."
              .formatted(holdOut));
    }
  }

  private static void atLeastOne(String key, int value) {
    if (value < 1) {
      throw new ConfigException("%s is %d, expected 1 or more.".formatted(key, value));
    }
  }
}
