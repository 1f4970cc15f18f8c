package org.dapt.data.prepare;

import java.io.Serializable;
import java.util.List;
import org.dapt.data.shard.LengthCounts;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.data.shard.TokenisedExample;

/**
 * What is counted while rows are written; tallies of shards add up to that of their split. A class
 * and not a record, because it travels back to the driver and Kryo cannot read records.
 */
final class ShardTally implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LengthCounts sourceTokens;
  private final LengthCounts targetTokens;
  private long rows;
  private long references;
  private long truncatedSources;
  private long truncatedTargets;
  private long blankInputs;
  private long blankTargets;

  ShardTally(Recipe recipe) {
    sourceTokens = new LengthCounts(recipe.maxSourceTokens());
    targetTokens = new LengthCounts(recipe.maxTargetTokens());
  }

  void add(TokenisedExample row, boolean sourceTruncated, boolean targetTruncated) {
    rows++;
    references += row.references().size();
    sourceTokens.add(row.sourceIds().length);
    targetTokens.add(row.targetIds().length);
    truncatedSources += sourceTruncated ? 1 : 0;
    truncatedTargets += targetTruncated ? 1 : 0;
    blankInputs += row.input().isBlank() ? 1 : 0;
    blankTargets += row.references().get(0).isBlank() ? 1 : 0;
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
  }

  long rows() {
    return rows;
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
        shards);
  }
}
