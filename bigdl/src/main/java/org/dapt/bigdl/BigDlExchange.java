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
  private final int exact;
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

  /**
   * Joins the ranks of {@code mailbox}.
   *
   * @param compression what BigDL calls the form in which numbers travel
   * @param exact so many numbers at the end of a vector are summed without BigDL and compression
   */
  BigDlExchange(
      String name,
      String compression,
      int exact,
      Mailbox mailbox,
      Duration timeout,
      PinnedBlocks blocks) {
    this.name = name;
    this.compression = compression;
    this.exact = exact;
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
    int last = (int) Math.min(exact, length);
    long many = length - last;
    float[] numbers = new float[last];
    flat.data_ptr_float().position(many).get(numbers);
    SharedVector vector = many == 0 ? null : vector(many);
    if (vector != null) {
      vector.take(flat.data_ptr_float());
      hand.run(vector::put);
    }
    float[] sums = meet(length, numbers);
    if (vector != null) {
      addUp(vector);
      vector.give(flat.data_ptr_float());
    }
    flat.data_ptr_float().position(many).put(sums);
    mailbox.flush();
    next += 2;
  }

  /**
   * Waits until all ranks have put their numbers, and adds up the last of them, which they say.
   *
   * @param length of the vector, which is the same on all ranks
   */
  private float[] meet(long length, float[] numbers) {
    ByteBuffer own = ByteBuffer.allocate(Long.BYTES + Float.BYTES * numbers.length);
    own.putLong(length).asFloatBuffer().put(numbers);
    tellAll(next, own.array());
    float[] sums = new float[numbers.length];
    for (int rank = 0; rank < ranks(); rank++) {
      ByteBuffer said = rank == rank() ? own.rewind() : hear(rank, next);
      long brought = said.getLong();
      if (brought != length) {
        throw mailbox.failure(
            "rank " + rank + " brought " + brought + " numbers, rank " + rank() + " " + length,
            null);
      }
      for (int i = 0; i < sums.length; i++) {
        sums[i] += said.getFloat();
      }
    }
    return sums;
  }

  private void addUp(SharedVector vector) {
    hand.run(vector::addUp);
    ByteBuffer own = ByteBuffer.allocate(Integer.BYTES).putInt(vector.ownChecksum()).rewind();
    tellAll(next + 1, own.array());
    int[] checksums = new int[ranks()];
    for (int rank = 0; rank < ranks(); rank++) {
      checksums[rank] = (rank == rank() ? own : hear(rank, next + 1)).getInt();
    }
    hand.run(vector::fetch);
    for (int rank = 0; rank < ranks(); rank++) {
      if (vector.checksum(rank) != checksums[rank]) {
        throw mailbox.failure("BigDL brought another sum than rank " + rank + " has", null);
      }
    }
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

  private void tellAll(long number, byte[] bytes) {
    for (int step = 1; step < ranks(); step++) {
      mailbox.send((rank() + step) % ranks(), number, bytes);
    }
  }

  private ByteBuffer hear(int peer, long number) {
    return ByteBuffer.wrap(mailbox.receive(peer, number));
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
