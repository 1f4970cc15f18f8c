package org.dapt.method;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * How a method learns from examples of earlier tasks again, with their answers: which share of a
 * task's training examples is kept, and which part of the batches they are. Of methods with {@link
 * Recollection} none are kept: as many are made up instead.
 *
 * @param keepShare share of a task's training examples, above 0 and at most 1
 * @param batchShare part of the batches, above 0 and below 1; null for that which the kept examples
 *     are of kept and new ones together
 */
public record Rehearsal(BigDecimal keepShare, BigDecimal batchShare) {
  /** How many of a task's {@code examples} are kept: at least one. */
  public int kept(long examples) {
    BigDecimal share = keepShare.multiply(BigDecimal.valueOf(examples));
    return Math.max(1, share.setScale(0, RoundingMode.FLOOR).intValueExact());
  }

  /**
   * The mix of the batches of a task.
   *
   * @param examples training examples of the task
   * @param kept kept examples of all earlier tasks; 0 for a first task
   */
  public Mix mix(long examples, long kept) {
    if (kept == 0) {
      return Mix.NEW_ONLY;
    }
    if (batchShare == null) {
      return new Mix(BigInteger.valueOf(kept), BigInteger.valueOf(examples + kept));
    }
    BigInteger denominator = BigInteger.TEN.pow(Math.max(0, batchShare.scale()));
    return new Mix(
        batchShare.multiply(new BigDecimal(denominator)).toBigIntegerExact(), denominator);
  }

  /**
   * Which places of the batches are for kept examples: of all places in a row, counted from 0,
   * place j is where {@code ⌊(j + 1) p⌋ > ⌊j p⌋}, p being the fraction of these two numbers. So
   * every stretch of places has its share up to one example, exactly and the same on every rank.
   *
   * @param numerator at least 0
   * @param denominator above the numerator
   */
  public record Mix(BigInteger numerator, BigInteger denominator) implements Serializable {
    /** No kept examples. */
    public static final Mix NEW_ONLY = new Mix(BigInteger.ZERO, BigInteger.ONE);

    /** How many of the first {@code places} are for kept examples. */
    public long keptAmong(long places) {
      return BigInteger.valueOf(places).multiply(numerator).divide(denominator).longValueExact();
    }

    /** Whether place {@code place} is for a kept example. */
    public boolean isKept(long place) {
      return keptAmong(place + 1) > keptAmong(place);
    }

    /** The fewest steps of {@code batch} places each that have {@code examples} new ones. */
    public long steps(long examples, int batch) {
      long least = 0;
      long most = 1;
      while (newIn(most, batch) < examples) {
        least = most;
        most *= 2;
      }
      while (least + 1 < most) {
        long middle = (least + most) / 2;
        if (newIn(middle, batch) < examples) {
          least = middle;
        } else {
          most = middle;
        }
      }
      return most;
    }

    private long newIn(long steps, int batch) {
      return steps * batch - keptAmong(steps * batch);
    }
  }
}
