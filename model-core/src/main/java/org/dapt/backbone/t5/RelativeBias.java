package org.dapt.backbone.t5;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/**
 * T5's relative position bias: one learnt number per head and bucket of the distance key position −
 * query position, added to the attention scores of every layer of a stack. The causal kind is −∞ at
 * later keys.
 */
final class RelativeBias implements AutoCloseable {
  private static final int GROWTH = 64;

  private final Tensor table;
  private final boolean bidirectional;
  private final int buckets;
  private final int maxDistance;
  private final Placement placement;
  private Tensor cached;

  /**
   * @param table {@code [buckets, heads]}
   * @param placement of the table
   */
  RelativeBias(
      Tensor table, boolean bidirectional, int buckets, int maxDistance, Placement placement) {
    this.table = table;
    this.bidirectional = bidirectional;
    this.buckets = buckets;
    this.maxDistance = maxDistance;
    this.placement = placement;
  }

  /** The bucket of {@code distance} = key position − query position. */
  static int bucket(int distance, boolean bidirectional, int buckets, int maxDistance) {
    int half = buckets;
    int offset = 0;
    int far;
    if (bidirectional) {
      half = buckets / 2;
      offset = distance > 0 ? half : 0;
      far = Math.abs(distance);
    } else {
      far = Math.max(-distance, 0);
    }
    int exact = half / 2;
    if (far < exact) {
      return offset + far;
    }
    // The logarithm is taken in float32, as the reference does.
    float large =
        (float) Math.log((float) far / (float) exact)
            / (float) Math.log((double) maxDistance / exact)
            * (half - exact);
    return offset + Math.min(exact + (int) large, half - 1);
  }

  /** {@code [1, heads, length, length]}. */
  Tensor square(long length) {
    if (table.requires_grad()) {
      return compute(length);
    }
    synchronized (this) {
      return corner(length).narrow(2, 0, length).narrow(3, 0, length);
    }
  }

  /**
   * The bias of the query at {@code position} to the keys up to and with it: {@code [1, heads, 1,
   * position + 1]}.
   */
  Tensor row(long position) {
    synchronized (this) {
      return corner(position + 1).narrow(2, position, 1).narrow(3, 0, position + 1);
    }
  }

  @Override
  public synchronized void close() {
    Scopes.release(cached);
    cached = null;
  }

  /**
   * A square of at least {@code length}: shorter ones are its upper left corner, since only
   * distances count.
   */
  private Tensor corner(long length) {
    if (cached == null || cached.size(2) < length) {
      try (NoGradGuard guard = new NoGradGuard();
          PointerScope scope = new PointerScope()) {
        Tensor grown = Scopes.keep(compute((length + GROWTH - 1) / GROWTH * GROWTH));
        Scopes.release(cached);
        cached = grown;
      }
    }
    return cached;
  }

  private Tensor compute(long length) {
    int n = Math.toIntExact(length);
    long[] bucketOfDistance = new long[2 * n - 1];
    for (int i = 0; i < bucketOfDistance.length; i++) {
      bucketOfDistance[i] = bucket(i - (n - 1), bidirectional, buckets, maxDistance);
    }
    // Row q of the square is the window of n distances that begins at n − 1 − q.
    Tensor bias =
        table
            .index_select(0, placement.indices(bucketOfDistance))
            .t()
            .unfold(1, n, 1)
            .flip(1)
            .unsqueeze(0)
            .contiguous();
    if (bidirectional) {
      return bias;
    }
    Tensor index = placement.upTo(n);
    Tensor later = index.unsqueeze(0).gt(index.unsqueeze(1));
    return bias.masked_fill(later, new Scalar(Double.NEGATIVE_INFINITY));
  }
}
