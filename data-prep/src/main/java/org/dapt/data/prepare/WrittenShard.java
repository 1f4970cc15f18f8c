package org.dapt.data.prepare;

import java.io.Serializable;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.TaskManifest.Shard;

/**
 * What a Spark task reports of the shard that it wrote. A class for the reason that {@link
 * ShardTally} gives.
 */
final class WrittenShard implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Split split;
  private final int shard;
  private final long bytes;
  private final String sha256;
  private final ShardTally tally;

  WrittenShard(Split split, int shard, long bytes, String sha256, ShardTally tally) {
    this.split = split;
    this.shard = shard;
    this.bytes = bytes;
    this.sha256 = sha256;
    this.tally = tally;
  }

  Split split() {
    return split;
  }

  ShardTally tally() {
    return tally;
  }

  Shard entry() {
    return new Shard(shard, Shard.file(split, shard), tally.rows(), bytes, sha256);
  }
}
