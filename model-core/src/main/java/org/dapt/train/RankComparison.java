package org.dapt.train;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.digest.Sha256;
import org.dapt.error.TrainingException;
import org.dapt.exchange.GradientExchange;
import org.dapt.method.ParameterSet;
import org.dapt.tensor.Digests;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * Notices ranks that no longer hold the same parameters. Nothing else would: they go on learning
 * from sums that are the same for all, and rank 0's parameters are kept.
 *
 * <p>Each rank gives the first bytes of a digest of its parameters to a sum over ranks. Where all
 * ranks hold the same, the sum of each byte is the number of ranks times one's own; where they do
 * not, at least one rank has a byte that is not the mean. Floats add such small numbers without
 * rounding.
 */
final class RankComparison {
  private final long every;
  private final GradientExchange exchange;
  private boolean compared;

  /** What this rank gave to the newest sum; null where it was not asked. */
  private byte[] own;

  /**
   * @param every so many steps ranks are compared, and in the first of a training; 0 is never
   */
  RankComparison(long every, GradientExchange exchange) {
    this.every = every;
    this.exchange = exchange;
  }

  /**
   * Puts the bytes of {@code values} among what is summed, if it is time.
   *
   * @param step that is being taken, from 1
   * @param values the parameters before it
   * @param sums takes the bytes from entry {@code at}
   * @return whether it is time
   */
  boolean give(long step, Tensor values, double[] sums, int at) {
    own = null;
    if (isOff() || (compared && (step - 1) % every != 0)) {
      return false;
    }
    compared = true;
    own = digest(values);
    for (int i = 0; i < own.length; i++) {
      sums[at + i] = own[i] & 0xff;
    }
    return true;
  }

  /**
   * Looks at what {@link #give} came to.
   *
   * @param sums over ranks
   * @throws TrainingException if this rank's parameters are not those of all
   */
  void check(long step, double[] sums, int at) {
    if (own == null) {
      return;
    }
    int ranks = exchange.ranks();
    for (int i = 0; i < own.length; i++) {
      if (sums[at + i] != (double) ranks * (own[i] & 0xff)) {
        throw new TrainingException(
            "The %d ranks do not hold the same parameters before step %d; those of rank %d have the digest %s. They are compared every %d steps (train.verify-ranks-every). Look for an executor with another processor, library or a fault of memory, or take another train.exchange. Delete the checkpoints of this task before it is learnt again."
                .formatted(ranks, step, exchange.rank(), HexFormat.of().formatHex(own), every));
      }
    }
  }

  /**
   * Compares {@code values} now, with a sum of its own.
   *
   * @param step that would be taken next
   * @throws TrainingException as {@link #check}
   */
  void compare(long step, Tensor values, Placement host) {
    if (isOff()) {
      return;
    }
    compared = false;
    double[] bytes = new double[ParameterSet.DIGEST_BYTES];
    give(step, values, bytes, 0);
    try (PointerScope scope = new PointerScope()) {
      Tensor sums = host.of(ScalarType.Double, bytes, bytes.length);
      exchange.sum(sums);
      check(step, Tensors.toDoubles(sums), 0);
    }
  }

  private boolean isOff() {
    return every == 0 || exchange.ranks() == 1;
  }

  private static byte[] digest(Tensor values) {
    MessageDigest digest = Sha256.start();
    Digests.update(digest, "parameters", values);
    return Arrays.copyOf(digest.digest(), ParameterSet.DIGEST_BYTES);
  }
}
