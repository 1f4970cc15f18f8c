package org.dapt.data.shard;

import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import org.dapt.data.reader.Split;

/**
 * What the folder of a prepared task holds. It says nothing of where or when it was made: equal
 * inputs, settings and tokenizer give equal manifests.
 *
 * @param formatVersion version of this form, {@link #FORMAT_VERSION}
 * @param task name of the task
 * @param definition definition of the task, without outer white space; empty if there is none
 * @param recipe the settings it was prepared with
 * @param tokenizerSha256 digest of the tokenizer's file
 * @param chatTemplateSha256 digest of the model's chat template; null where none was used
 * @param fields where the parts of an instance were found; null where the files are no tables
 * @param inputs the files that were read
 * @param holdOut how dev was taken from train, or null where dev has its own file
 * @param testHoldOut how test was taken from train, or null where test has its own file
 * @param drawnFrom what the splits were drawn from, or null where they have all examples
 * @param splits the three splits; of one that was left alone there are no shards
 */
public record TaskManifest(
    int formatVersion,
    String task,
    String definition,
    Recipe recipe,
    String tokenizerSha256,
    String chatTemplateSha256,
    SortedMap<String, String> fields,
    List<Input> inputs,
    HoldOutNote holdOut,
    HoldOutNote testHoldOut,
    DrawnFrom drawnFrom,
    Splits splits) {
  /** Components that manifests lack where they are null. */
  static final List<String> OPTIONAL = List.of("chat_template_sha256", "fields", "test_hold_out");

  /** The version that this code writes and reads. */
  public static final int FORMAT_VERSION = 1;

  /** A component that manifests of earlier versions lack: they have all examples. */
  static final String DRAWN_FROM = "drawn_from";

  /** Name of the manifest in the folder of a prepared task. */
  public static final String FILE = "manifest.json";

  /** One of task files. */
  public TaskManifest(
      int formatVersion,
      String task,
      String definition,
      Recipe recipe,
      String tokenizerSha256,
      List<Input> inputs,
      HoldOutNote holdOut,
      DrawnFrom drawnFrom,
      Splits splits) {
    this(
        formatVersion,
        task,
        definition,
        recipe,
        tokenizerSha256,
        null,
        null,
        inputs,
        holdOut,
        null,
        drawnFrom,
        splits);
  }

  /** Copies the inputs. */
  public TaskManifest {
    inputs = List.copyOf(inputs);
  }

  /** Whether it was prepared for tests alone: of train and dev there is nothing. */
  public boolean testOnly() {
    return !inputs.isEmpty()
        && inputs.stream().allMatch(input -> input.split().equals(Split.TEST.folder()));
  }

  /** What is known of {@code split}. */
  public SplitContent split(Split split) {
    return switch (split) {
      case TRAIN -> splits.train();
      case DEV -> splits.dev();
      case TEST -> splits.test();
    };
  }

  /**
   * A file that was read.
   *
   * @param split the split it is named for
   * @param file its name without the folder
   * @param bytes its size
   * @param sha256 digest of its bytes
   * @param instances how many instances it has
   * @param badRows how many of its rows were left out
   */
  public record Input(
      String split, String file, long bytes, String sha256, long instances, long badRows) {
    /** A component that manifests lack where it is 0. */
    static final String BAD_ROWS = "bad_rows";

    /** One without bad rows. */
    public Input(String split, String file, long bytes, String sha256, long instances) {
      this(split, file, bytes, sha256, instances, 0);
    }
  }

  /**
   * How dev or test was taken from train.
   *
   * @param reason why: {@link #NO_DEV}, {@link #DEV_IS_TEST} or {@link #NO_TEST}
   * @param trainInstances instances of the train files, for dev without those that became test
   * @param heldOut how many of them became dev or test
   */
  public record HoldOutNote(String reason, long trainInstances, long heldOut) {
    /** The task has no dev file. */
    public static final String NO_DEV = "no-dev-file";

    /** The dev file has the same instances as the test file. */
    public static final String DEV_IS_TEST = "dev-equals-test";

    /** The task has no test file. */
    public static final String NO_TEST = "no-test-file";
  }

  /**
   * How many examples each split would have without {@code tasks.max-train}, {@code max-dev} and
   * {@code max-test}.
   */
  public record DrawnFrom(long train, long dev, long test) {}

  /** The three splits. */
  public record Splits(SplitContent train, SplitContent dev, SplitContent test) {}

  /**
   * One split.
   *
   * @param examples how many rows all shards have together
   * @param references how many reference outputs the rows have together
   * @param sourceTokens lengths of the sources
   * @param targetTokens lengths of the targets
   * @param truncatedSources how many sources were cut
   * @param truncatedTargets how many targets were cut
   * @param blankInputs how many rows have an input of nothing but white space
   * @param blankTargets how many rows have a first reference of nothing but white space
   * @param instructed how many rows have an instruction of their own
   * @param unknownSources how many sources have a character that the tokenizer has no token for
   * @param unknownTargets how many targets have one, or nothing at all of their text
   * @param equalTargets how many different first references have the ids of another one
   * @param shards the shards, by number
   */
  public record SplitContent(
      long examples,
      long references,
      LengthStatistics sourceTokens,
      LengthStatistics targetTokens,
      long truncatedSources,
      long truncatedTargets,
      long blankInputs,
      long blankTargets,
      long instructed,
      long unknownSources,
      long unknownTargets,
      long equalTargets,
      List<Shard> shards) {
    /** Components that manifests of earlier versions lack; none of what they count, then. */
    static final List<String> LATER =
        List.of("instructed", "unknown_sources", "unknown_targets", "equal_targets");

    /** Copies the shards. */
    public SplitContent {
      shards = List.copyOf(shards);
    }

    /** How many rows shard {@code shard} must have: those with this index modulo the shards. */
    public long rows(int shard) {
      return examples / shards.size() + (shard < examples % shards.size() ? 1 : 0);
    }

    /**
     * The shard that training reads as number {@code shard}: itself, or where the split has fewer
     * rows than shards, so that some are empty, {@code shard mod examples}.
     */
    public Shard trainingShard(int shard) {
      return shards.get(examples < shards.size() ? (int) (shard % examples) : shard);
    }
  }

  /**
   * One shard.
   *
   * @param shard its number; it holds the rows whose index is this number modulo the number of
   *     shards
   * @param file its path relative to the task's folder
   * @param rows how many rows it has, maybe 0
   * @param bytes size of the file
   * @param sha256 digest of the file
   */
  public record Shard(int shard, String file, long rows, long bytes, String sha256) {
    /** Path of shard {@code shard} of {@code split} relative to the task's folder. */
    public static String file(Split split, int shard) {
      return String.format(Locale.ROOT, "%s/shard-%05d.parquet", split.folder(), shard);
    }
  }
}
