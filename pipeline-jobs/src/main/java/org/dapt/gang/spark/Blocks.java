package org.dapt.gang.spark;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.Option;
import scala.concurrent.Future;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** Bytes in the block managers of this process and of others. */
final class Blocks {
  private static final ClassTag<Object> TAG = ClassTag$.MODULE$.apply(Object.class);

  /** Blocks that may still have come after their receiver had left. */
  private static final Queue<BlockId> LATE = new ConcurrentLinkedQueue<>();

  private static final StorageLevel LEVEL = StorageLevel.MEMORY_AND_DISK_SER();

  private final BlockManager manager;

  Blocks(BlockManager manager) {
    this.manager = manager;
  }

  /** Keeps {@code bytes} in this process; false where there is no room. */
  boolean put(BlockId id, byte[] bytes) {
    return manager.putBytes(id, new ChunkedByteBuffer(ByteBuffer.wrap(bytes)), LEVEL, false, TAG);
  }

  /** Sends {@code bytes} to the process at {@code seat}. */
  Future<BoxedUnit> upload(Seat seat, BlockId id, byte[] bytes) {
    return manager
        .blockTransferService()
        .uploadBlock(
            seat.host(),
            seat.port(),
            seat.executor(),
            id,
            new NioManagedBuffer(ByteBuffer.wrap(bytes)),
            LEVEL,
            TAG);
  }

  boolean isThere(BlockId id) {
    return manager.getStatus(id).isDefined();
  }

  /** The bytes of a block of this process, which is then removed; null if it is not there. */
  byte[] take(BlockId id) {
    Option<BlockData> found = manager.getLocalBytes(id);
    if (found.isEmpty()) {
      return null;
    }
    BlockData data = found.get();
    byte[] bytes;
    try {
      ByteBuffer buffer = data.toByteBuffer();
      bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
    } finally {
      manager.releaseLockAndDispose(id, data, Option.empty());
    }
    manager.removeBlock(id, true);
    return bytes;
  }

  /**
   * Removes a block of this process, or has it removed by {@link #sweep} where it may still come.
   */
  void removeNowOrLater(BlockId id) {
    if (!removeIfThere(id)) {
      LATE.add(id);
    }
  }

  /** Removes what came to this process for ranks that had left. */
  void sweep() {
    for (BlockId id = LATE.poll(); id != null; id = LATE.poll()) {
      removeIfThere(id);
    }
  }

  private boolean removeIfThere(BlockId id) {
    if (!isThere(id)) {
      return false;
    }
    manager.removeBlock(id, true);
    return true;
  }
}
