package org.dapt.data.shard;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.data.reader.BadRows;
import org.dapt.data.reader.Split;
import org.dapt.error.ConfigException;

/**
 * The settings that, with the task's files and the tokenizer, decide every byte of the prepared
 * data. The components are the keys of the same names below {@code tasks}.
 *
 * @param format name of the reader
 * @param template {@code super-ni}, {@code long-sequence}, {@code chat} or a text with {@code
 *     {input}}
 * @param maxSourceTokens longest source in tokens, the end token included
 * @param maxTargetTokens longest target in tokens, the end token included
 * @param shards shards per split
 * @param holdOut share of train that becomes dev, or test, where there is no such split of its own
 * @param splitSeed seed of the hold-out
 * @param beginOfText whether a source begins as the tokenizer begins a text
 * @param maxTrain most examples of train, 0 for all
 * @param maxDev most of dev
 * @param maxTest most of test
 * @param fields the names of fields that the user states, by what they are of
 * @param badRows what becomes of rows that are no instances
 */
public record Recipe(
    String format,
    String template,
    int maxSourceTokens,
    int maxTargetTokens,
    int shards,
    double holdOut,
    long splitSeed,
    boolean beginOfText,
    int maxTrain,
    int maxDev,
    int maxTest,
    SortedMap<String, String> fields,
    BadRows badRows)
    implements Serializable {
  /** A component that manifests of earlier versions lack; they began as the tokenizer does. */
  static final String BEGIN_OF_TEXT = "begin_of_text";

  /** Components that manifests of earlier versions lack; all examples were taken. */
  static final List<String> MOST = List.of("max_train", "max_dev", "max_test");

  /** A component that manifests of task files lack. */
  static final String FIELDS = "fields";

  /** A component that manifests lack where a bad row ends the preparation. */
  static final String BAD_ROWS = "bad_rows";

  /** More shards than any cluster that trains one small block has use for. */
  private static final int MOST_SHARDS = 4096;

  /**
   * Checks the values.
   *
   * @throws ConfigException if one is out of its range
   */
  public Recipe {
    fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    atLeast(1, "tasks.max-source-tokens", maxSourceTokens);
    atLeast(1, "tasks.max-target-tokens", maxTargetTokens);
    atLeast(1, "tasks.shards", shards);
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
    atLeast(0, "tasks.max-train", maxTrain);
    atLeast(0, "tasks.max-dev", maxDev);
    atLeast(0, "tasks.max-test", maxTest);
  }

  /** With all examples, of task files. */
  public Recipe(
      String format,
      String template,
      int maxSourceTokens,
      int maxTargetTokens,
      int shards,
      double holdOut,
      long splitSeed,
      boolean beginOfText) {
    this(
        format,
        template,
        maxSourceTokens,
        maxTargetTokens,
        shards,
        holdOut,
        splitSeed,
        beginOfText,
        0,
        0,
        0,
        Collections.emptySortedMap(),
        BadRows.FAIL);
  }

  /** Most examples of {@code split}, 0 for all. */
  public int most(Split split) {
    return switch (split) {
      case TRAIN -> maxTrain;
      case DEV -> maxDev;
      case TEST -> maxTest;
    };
  }

  private static void atLeast(int least, String key, int value) {
    if (value < least) {
      throw new ConfigException("%s is %d, expected %d or more.".formatted(key, value, least));
    }
  }
}
