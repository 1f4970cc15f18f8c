package org.dapt.bigdl;

import org.dapt.error.ConfigException;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.Rendezvous;
import org.dapt.method.ParameterSet;

/**
 * {@code bigdl-fp16}: as {@code bigdl}, with BigDL's compression. Of every float32 number the upper
 * 16 bits travel, so numbers before, partial sums while and sums after adding are cut to 8
 * significant bits: a sum over N ranks is off by up to N/128 of the sum of the absolute values, and
 * always towards zero where all have one sign.
 */
public final class BigDlFp16ExchangeProvider extends BigDlExchangeProvider {
  /** Twice as many is the largest whole number below which 8 bits hold all. */
  private static final int MOST_RANKS = 128;

  @Override
  public String name() {
    return "bigdl-fp16";
  }

  @Override
  public GradientExchange open(Rendezvous rendezvous) {
    if (rendezvous.ranks() > MOST_RANKS) {
      throw new ConfigException(
          "train.exchange is \"bigdl-fp16\" and there are "
              + rendezvous.ranks()
              + " ranks; in 16 bits BigDL can be checked for up to "
              + MOST_RANKS
              + ". Lower train.ranks or set train.exchange to \"bigdl\".");
    }
    return super.open(rendezvous);
  }

  /** Counts, losses and bytes of a digest, which stand behind the gradients of a step. */
  @Override
  int exact() {
    return ParameterSet.SPARE_SUMS;
  }

  @Override
  String compression() {
    return "fp16";
  }
}
