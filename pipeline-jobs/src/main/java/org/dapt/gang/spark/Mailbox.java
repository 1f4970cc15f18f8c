package org.dapt.gang.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.TaskContext;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.storage.TestBlockId;
import org.apache.spark.util.io.ChunkedByteBuffer;
import org.dapt.exchange.ExchangeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.concurrent.Future;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/**
 * One rank's post: sends bytes into the block manager of a peer's executor and waits for those that
 * peers put into its own.
 *
 * <p>Bytes are pushed, not fetched: a fetch of a block that is not there yet fails with a stack
 * trace on the other side, while a rank looks into its own block manager at no cost. Blocks are
 * named by the group, the number of the message and both ranks, in the name space that Spark leaves
 * to tests, and so meet no block of Spark's.
 */
final class Mailbox {
  private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);
  private static final ClassTag<Object> TAG = ClassTag$.MODULE$.apply(Object.class);
  private static final Duration GOODBYE = Duration.ofSeconds(2);

  /** Blocks that may still have come after their receiver had left. */
  private static final Queue<BlockId> LATE = new ConcurrentLinkedQueue<>();

  private final BlockManager blocks;
  private final String group;
  private final List<Seat> seats;
  private final int rank;
  private final Duration timeout;
  private final List<Future<BoxedUnit>> sent = new ArrayList<>();

  Mailbox(BlockManager blocks, String group, List<Seat> seats, int rank, Duration timeout) {
    this.blocks = blocks;
    this.group = group;
    this.seats = List.copyOf(seats);
    this.rank = rank;
    this.timeout = timeout;
  }

  /** Removes what came to this process for ranks that had left. */
  static void sweep(BlockManager blocks) {
    for (BlockId id = LATE.poll(); id != null; id = LATE.poll()) {
      removeIfThere(blocks, id);
    }
  }

  int rank() {
    return rank;
  }

  int ranks() {
    return seats.size();
  }

  /** Sends {@code bytes}, which must not change any more, as message {@code number} to a peer. */
  void send(int peer, long number, byte[] bytes) {
    put(peer, id(rank, peer, Long.toString(number)), bytes);
  }

  /**
   * Waits for message {@code number} of a peer and removes it.
   *
   * @throws ExchangeException if a peer has left, or the message does not come in time
   */
  byte[] receive(int peer, long number) {
    BlockId id = id(peer, rank, Long.toString(number));
    long start = System.nanoTime();
    for (long waited = 0; waited < timeout.toNanos(); waited = System.nanoTime() - start) {
      // Asked before the look into the mail: what a peer sent before it left still counts.
      String trouble = trouble();
      byte[] bytes = take(id);
      if (bytes != null) {
        return bytes;
      }
      if (trouble != null) {
        throw failure(trouble, null);
      }
      // 50 microseconds at first, at most 2 milliseconds.
      LockSupport.parkNanos(Math.min(50_000 + waited / 8, 2_000_000));
    }
    throw failure("rank " + peer + " did not come within " + timeout, null);
  }

  /** Waits until all messages have arrived, so that at most those of one sum are under way. */
  void flush() {
    for (Future<BoxedUnit> future : sent) {
      long start = System.nanoTime();
      while (!future.isCompleted()) {
        if (System.nanoTime() - start > timeout.toNanos()) {
          throw failure("a message did not arrive within " + timeout, null);
        }
        LockSupport.parkNanos(50_000);
      }
    }
    String failed = failedSend();
    if (failed != null) {
      throw failure(failed, null);
    }
    sent.clear();
  }

  /** Tells the peers that this rank has left, and clears its mail from {@code next} on. */
  void leave(long next, int ahead) {
    List<Future<BoxedUnit>> goodbyes = new ArrayList<>();
    for (int peer = 0; peer < ranks(); peer++) {
      if (peer != rank) {
        sent.clear();
        try {
          put(peer, id(rank, peer, "left"), new byte[1]);
        } catch (ExchangeException e) {
          LOG.debug("Rank {} cannot say goodbye to rank {}", rank, peer, e);
        }
        goodbyes.addAll(sent);
        expectNothingFrom(peer, next, ahead);
      }
    }
    long start = System.nanoTime();
    while (!goodbyes.stream().allMatch(Future::isCompleted)
        && System.nanoTime() - start < GOODBYE.toNanos()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private void expectNothingFrom(int peer, long next, int ahead) {
    List<BlockId> ids = new ArrayList<>();
    ids.add(id(peer, rank, "left"));
    for (long number = next; number < next + ahead; number++) {
      ids.add(id(peer, rank, Long.toString(number)));
    }
    for (BlockId id : ids) {
      if (!removeIfThere(blocks, id)) {
        LATE.add(id);
      }
    }
  }

  private void put(int peer, BlockId id, byte[] bytes) {
    Seat seat = seats.get(peer);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    StorageLevel level = StorageLevel.MEMORY_AND_DISK_SER();
    if (seat.equals(seats.get(rank))) {
      if (!blocks.putBytes(id, new ChunkedByteBuffer(buffer), level, false, TAG)) {
        throw failure("Spark's storage has no room for " + bytes.length + " bytes", null);
      }
      return;
    }
    try {
      sent.add(
          blocks
              .blockTransferService()
              .uploadBlock(
                  seat.host(),
                  seat.port(),
                  seat.executor(),
                  id,
                  new NioManagedBuffer(buffer),
                  level,
                  TAG));
    } catch (Exception e) {
      // Scala does not declare what it throws: IOException for an executor that is gone.
      if (e instanceof RuntimeException && !(e.getCause() instanceof IOException)) {
        throw e;
      }
      throw failure("rank " + peer + " cannot be reached at " + seat + ": " + e.getMessage(), e);
    }
  }

  /** The bytes of a block of this process, which is then removed; null if it is not there. */
  private byte[] take(BlockId id) {
    Option<BlockData> found = blocks.getLocalBytes(id);
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
      blocks.releaseLockAndDispose(id, data, Option.empty());
    }
    blocks.removeBlock(id, true);
    return bytes;
  }

  private static boolean removeIfThere(BlockManager blocks, BlockId id) {
    if (blocks.getStatus(id).isEmpty()) {
      return false;
    }
    blocks.removeBlock(id, true);
    return true;
  }

  /** Why no more messages will come; null if they may. */
  private String trouble() {
    for (int peer = 0; peer < ranks(); peer++) {
      if (peer != rank && blocks.getStatus(id(peer, rank, "left")).isDefined()) {
        return "rank " + peer + " has left";
      }
    }
    // Spark ends the tasks of a gang when an executor is lost.
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted()) {
      return "Spark has ended its task";
    }
    return failedSend();
  }

  private String failedSend() {
    for (Future<BoxedUnit> future : sent) {
      if (future.isCompleted() && future.value().get().isFailure()) {
        return "a message did not arrive: " + future.value().get().failed().get().getMessage();
      }
    }
    return null;
  }

  private BlockId id(int from, int to, String message) {
    return new TestBlockId("dapt-" + group + "-" + from + "-" + to + "-" + message);
  }

  private ExchangeException failure(String reason, Throwable cause) {
    return new ExchangeException(
        "Rank " + rank + " of " + ranks() + " cannot sum: " + reason + ".", cause);
  }
}
