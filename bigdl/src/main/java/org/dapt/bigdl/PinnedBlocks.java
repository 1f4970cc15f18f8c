package org.dapt.bigdl;

import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockInfo;
import org.apache.spark.storage.BlockInfoManager;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.TestBlockId;
import scala.Option;

/**
 * The blocks that BigDL keeps in this process. It holds them in memory only, where Spark may evict
 * what nobody reads, and gives back no lock by which it reads: both are looked after here. Belongs
 * to threads that are no Spark task.
 */
final class PinnedBlocks {
  private final BlockManager manager;

  PinnedBlocks(BlockManager manager) {
    this.manager = manager;
  }

  /** Keeps Spark from evicting a block of this process; false if it is not there. */
  boolean pin(String name) {
    return manager.blockInfoManager().lockForReading(id(name), true).isDefined();
  }

  /** Removes a block, whoever has read it and not said that he is done. */
  void remove(String name) {
    BlockInfoManager locks = manager.blockInfoManager();
    BlockId id = id(name);
    Option<BlockInfo> info = locks.get(id);
    if (info.isDefined()) {
      while (info.get().readerCount() > 0) {
        locks.unlock(id, Option.empty());
      }
      manager.removeBlock(id, true);
    }
  }

  /** As BigDL names them: in the name space that Spark leaves to tests. */
  private static BlockId id(String name) {
    return new TestBlockId(name);
  }
}
