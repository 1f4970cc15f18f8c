package org.dapt.bigdl;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.exchange.GradientExchange;
import org.dapt.gang.spark.Mailbox;
import org.dapt.gang.spark.SparkExchange;

/**
 * Float32 vectors are summed by BigDL; it knows no others, so float64 goes the way of the exchange
 * {@code spark}, over the same block managers.
 *
 * <p>BigDL writes into its blocks in place and waits for nobody. So ranks tell each other by
 * messages of their own when all have put their numbers and when all have added up their slices;
 * that all have got the sum is said by their next one, before which nothing is overwritten.
 */
final class BigDlExchange implements GradientExchange {
  /** Vectors of so many lengths keep their blocks; at least 2, so that none is dropped in use. */
  private static final int LENGTHS = 3;

  private final String name;
  private final String compression;
  private final Mailbox mailbox;
  private final SparkExchange doubles;
  private final PinnedBlocks blocks;
  private final Hand hand;
  private final UUID group;

  /** By their lengths, that of the last sum behind. */
  private final Map<Long, SharedVector> vectors = new LinkedHashMap<>(16, 0.75f, true);

  private long made;

  /** Messages 2k and 2k + 1 from one rank to another say of sum k that it has put and added up. */
  private long next;

  private boolean broken;
  private boolean closed;

  BigDlExchange(
      String name, String compression, Mailbox mailbox, Duration timeout, PinnedBlocks blocks) {
    this.name = name;
    this.compression = compression;
    this.mailbox = mailbox;
    this.doubles = new SparkExchange(mailbox.beside("float64"));
    this.blocks = blocks;
    this.hand = new Hand(mailbox, timeout);
    this.group = UUID.fromString(mailbox.group());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int rank() {
    return mailbox.rank();
  }

  @Override
  public int ranks() {
    return mailbox.ranks();
  }

  @Override
  public void sum(Tensor flat) {
    if (flat.numel() == 0 || ranks() == 1) {
      return;
    }
    if (flat.scalar_type().intern() != ScalarType.Float) {
      doubles.sum(flat);
      return;
    }
    if (broken) {
      throw mailbox.failure("an earlier sum failed", null);
    }
    broken = true;
    sumFloats(flat);
    broken = false;
  }

  private void sumFloats(Tensor flat) {
    long length = flat.numel();
    SharedVector vector = vector(length);
    vector.take(flat.data_ptr_float());
    hand.run(vector::put);
    tellAll(next, length);
    for (int peer = 0; peer < ranks(); peer++) {
      if (peer != rank()) {
        long brought = hear(peer, next);
        if (brought != length) {
          throw mailbox.failure(
              "rank " + peer + " brought " + brought + " numbers, rank " + rank() + " " + length,
              null);
        }
      }
    }
    hand.run(vector::addUp);
    tellAll(next + 1, vector.ownChecksum());
    long[] checksums = new long[ranks()];
    for (int peer = 0; peer < ranks(); peer++) {
      checksums[peer] = peer == rank() ? vector.ownChecksum() : hear(peer, next + 1);
    }
    hand.run(vector::fetch);
    for (int peer = 0; peer < ranks(); peer++) {
      if (vector.checksum(peer) != checksums[peer]) {
        throw mailbox.failure("BigDL brought another sum than rank " + peer + " has", null);
      }
    }
    vector.give(flat.data_ptr_float());
    mailbox.flush();
    next += 2;
  }

  private SharedVector vector(long length) {
    SharedVector known = vectors.get(length);
    if (known != null) {
      return known;
    }
    if (vectors.size() == LENGTHS) {
      // All ranks have got the sum of this one: they have made another since.
      long oldest = vectors.keySet().iterator().next();
      SharedVector dropped = vectors.remove(oldest);
      hand.run(dropped::remove);
    }
    // 16 bits of it count the vectors of this group.
    long id = (group.getMostSignificantBits() & 0x7fff_ffff_ffff_0000L) | (made++ & 0xffff);
    SharedVector vector = new SharedVector(id, length, rank(), ranks(), compression, blocks);
    vectors.put(length, vector);
    hand.run(vector::begin);
    return vector;
  }

  private void tellAll(long number, long content) {
    byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(content).array();
    for (int step = 1; step < ranks(); step++) {
      mailbox.send((rank() + step) % ranks(), number, bytes);
    }
  }

  private long hear(int peer, long number) {
    return ByteBuffer.wrap(mailbox.receive(peer, number)).getLong();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    mailbox.sayGoodbye();
    doubles.close();
    if (!broken && next > 0) {
      // A peer may not yet have got this rank's slice of the last sum.
      mailbox.awaitAll(next);
    }
    hand.end(() -> vectors.values().forEach(SharedVector::remove));
    // A peer is at most one sum ahead: it cannot end one without this rank.
    mailbox.clear(next, 4);
  }
}
