package org.dapt.gang.spark;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.TestBlockId;
import org.dapt.error.ConfigException;
import org.dapt.exchange.ExchangeException;
import org.dapt.exchange.Rendezvous;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.Future;
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
public final class Mailbox {
  private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);
  private static final Duration GOODBYE = Duration.ofSeconds(2);
  private static final String LEFT = "left";

  private final Blocks blocks;
  private final String group;
  private final List<Seat> seats;
  private final int rank;
  private final Duration timeout;
  private final List<Future<BoxedUnit>> sent = new ArrayList<>();

  private Mailbox(Blocks blocks, String group, List<Seat> seats, int rank, Duration timeout) {
    this.blocks = blocks;
    this.group = group;
    this.seats = List.copyOf(seats);
    this.rank = rank;
    this.timeout = timeout;
  }

  /**
   * Opens this rank's post, with that of all others at the same time.
   *
   * @param exchange the name of the exchange that asks for it
   * @throws ConfigException if this rank does not run inside Spark
   */
  public static Mailbox open(Rendezvous rendezvous, String exchange) {
    SparkEnv env = SparkEnv.get();
    if (env == null) {
      throw new ConfigException(
          "train.exchange is \""
              + exchange
              + "\", but rank "
              + rendezvous.rank()
              + " does not run inside Spark. Use \"local\" or \"gloo\" there.");
    }
    Blocks blocks = new Blocks(env.blockManager());
    blocks.sweep();
    // Rank 0 names the group, anew in every attempt: blocks of an earlier attempt are never read.
    Seat own = Seat.of(env.blockManager().blockManagerId());
    List<Seat> seats = new ArrayList<>();
    String group = null;
    for (String line : rendezvous.gather(UUID.randomUUID() + " " + own.encode())) {
      String[] parts = line.split(" ", 2);
      group = group == null ? parts[0] : group;
      seats.add(Seat.decode(parts[1]));
    }
    return new Mailbox(blocks, group, seats, rendezvous.rank(), rendezvous.timeout());
  }

  /** A second post of the same ranks, whose messages meet none of this one's. */
  public Mailbox beside(String name) {
    return new Mailbox(blocks, group + "-" + name, seats, rank, timeout);
  }

  /** The name of the group of ranks, which no other has. */
  public String group() {
    return group;
  }

  public int rank() {
    return rank;
  }

  public int ranks() {
    return seats.size();
  }

  /** Sends {@code bytes}, which must not change any more, as message {@code number} to a peer. */
  public void send(int peer, long number, byte[] bytes) {
    put(peer, id(rank, peer, Long.toString(number)), bytes);
  }

  /**
   * Waits for message {@code number} of a peer and removes it.
   *
   * @throws ExchangeException if a peer has left, or the message does not come in time
   */
  public byte[] receive(int peer, long number) {
    BlockId id = id(peer, rank, Long.toString(number));
    long start = System.nanoTime();
    for (long waited = 0; waited < timeout.toNanos(); waited = System.nanoTime() - start) {
      // Asked before the look into the mail: what a peer sent before it left still counts.
      String trouble = trouble();
      byte[] bytes = blocks.take(id);
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
  public void flush() {
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
  public void leave(long next, int ahead) {
    sayGoodbye();
    clear(next, ahead);
  }

  /** Tells the peers that this rank has left, and waits a little for them to hear of it. */
  public void sayGoodbye() {
    List<Future<BoxedUnit>> goodbyes = new ArrayList<>();
    for (int peer = 0; peer < ranks(); peer++) {
      if (peer != rank) {
        sent.clear();
        try {
          put(peer, id(rank, peer, LEFT), new byte[1]);
        } catch (ExchangeException e) {
          LOG.debug("Rank {} cannot say goodbye to rank {}", rank, peer, e);
        }
        goodbyes.addAll(sent);
      }
    }
    sent.clear();
    waitFor(() -> goodbyes.stream().allMatch(Future::isCompleted));
  }

  /**
   * Waits a little until every peer has sent message {@code number} or left. Neither is taken away.
   */
  public void awaitAll(long number) {
    waitFor(
        () ->
            IntStream.range(0, ranks())
                .allMatch(
                    peer ->
                        peer == rank
                            || blocks.isThere(id(peer, rank, LEFT))
                            || blocks.isThere(id(peer, rank, Long.toString(number)))));
  }

  /**
   * Clears this rank's mail: the peers' goodbyes, and the {@code ahead} messages from {@code next}
   * on.
   */
  public void clear(long next, int ahead) {
    for (int peer = 0; peer < ranks(); peer++) {
      if (peer != rank) {
        expectNothingFrom(peer, next, ahead);
      }
    }
  }

  private static void waitFor(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean() && System.nanoTime() - start < GOODBYE.toNanos()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private void expectNothingFrom(int peer, long next, int ahead) {
    List<BlockId> ids = new ArrayList<>();
    ids.add(id(peer, rank, LEFT));
    for (long number = next; number < next + ahead; number++) {
      ids.add(id(peer, rank, Long.toString(number)));
    }
    for (BlockId id : ids) {
      blocks.removeNowOrLater(id);
    }
  }

  private void put(int peer, BlockId id, byte[] bytes) {
    Seat seat = seats.get(peer);
    if (seat.equals(seats.get(rank))) {
      if (!blocks.put(id, bytes)) {
        throw failure("Spark's storage has no room for " + bytes.length + " bytes", null);
      }
      return;
    }
    try {
      sent.add(blocks.upload(seat, id, bytes));
    } catch (Exception e) {
      // Scala does not declare what it throws: IOException for an executor that is gone.
      if (e instanceof RuntimeException && !(e.getCause() instanceof IOException)) {
        throw e;
      }
      throw failure("rank " + peer + " cannot be reached at " + seat + ": " + e.getMessage(), e);
    }
  }

  /** Why no more messages will come; null if they may. */
  private String trouble() {
    for (int peer = 0; peer < ranks(); peer++) {
      if (peer != rank && blocks.isThere(id(peer, rank, LEFT))) {
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

  /** That this rank cannot sum for {@code reason}, caused by {@code cause}, which may be null. */
  public ExchangeException failure(String reason, Throwable cause) {
    return new ExchangeException(
        "Rank " + rank + " of " + ranks() + " cannot sum: " + reason + ".", cause);
  }
}
