package org.dapt.data.prepare;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.dapt.data.shard.LengthCounts;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.tokenizer.EncodedText;

/**
 * What is counted while rows are written; tallies of shards add up to that of their split. A class
 * and not a record, because it travels back to the driver and Kryo cannot read records.
 */
final class ShardTally implements Serializable {
  private static final long serialVersionUID = 2L;

  /** No token has it. */
  private static final int NONE = -1;

  private final int unknown;
  private final LengthCounts sourceTokens;
  private final LengthCounts targetTokens;
  private final TargetTexts targets = new TargetTexts();
  private long rows;
  private long references;
  private long truncatedSources;
  private long truncatedTargets;
  private long blankInputs;
  private long blankTargets;
  private long instructed;
  private long unknownSources;
  private long unknownTargets;

  /**
   * @param unknown the token of characters that have none
   */
  ShardTally(Recipe recipe, OptionalInt unknown) {
    this.unknown = unknown.orElse(NONE);
    sourceTokens = new LengthCounts(recipe.maxSourceTokens());
    targetTokens = new LengthCounts(recipe.maxTargetTokens());
  }

  void add(TokenisedExample row, EncodedText source, EncodedText target) {
    var text = row.references().get(0);
    rows++;
    references += row.references().size();
    sourceTokens.add(source.ids().length);
    targetTokens.add(target.ids().length);
    truncatedSources += source.truncated() ? 1 : 0;
    truncatedTargets += target.truncated() ? 1 : 0;
    blankInputs += row.input().isBlank() ? 1 : 0;
    blankTargets += text.isBlank() ? 1 : 0;
    instructed += row.instruction().isBlank() ? 0 : 1;
    unknownSources += hasUnknown(source) ? 1 : 0;
    // A tokenizer without a token for the unknown leaves it out: only the end is there then.
    unknownTargets += hasUnknown(target) || (target.fullLength() == 1 && !text.isBlank()) ? 1 : 0;
    targets.add(text, target.ids());
  }

  private boolean hasUnknown(EncodedText encoded) {
    return unknown != NONE && Arrays.stream(encoded.ids()).anyMatch(id -> id == unknown);
  }

  void addAll(ShardTally other) {
    rows += other.rows;
    references += other.references;
    sourceTokens.addAll(other.sourceTokens);
    targetTokens.addAll(other.targetTokens);
    truncatedSources += other.truncatedSources;
    truncatedTargets += other.truncatedTargets;
    blankInputs += other.blankInputs;
    blankTargets += other.blankTargets;
    instructed += other.instructed;
    unknownSources += other.unknownSources;
    unknownTargets += other.unknownTargets;
    targets.addAll(other.targets);
  }

  long rows() {
    return rows;
  }

  long unknownTargets() {
    return unknownTargets;
  }

  TargetTexts targets() {
    return targets;
  }

  SplitContent content(List<Shard> shards) {
    return new SplitContent(
        rows,
        references,
        sourceTokens.summary(),
        targetTokens.summary(),
        truncatedSources,
        truncatedTargets,
        blankInputs,
        blankTargets,
        instructed,
        unknownSources,
        unknownTargets,
        targets.equal(),
        shards);
  }
}
