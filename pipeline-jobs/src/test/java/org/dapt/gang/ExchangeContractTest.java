package org.dapt.gang;

import java.util.stream.Stream;

/** The exchanges of the product keep what every exchange must keep. */
class ExchangeContractTest extends ExchangeContract {
  @Override
  protected Stream<String> exchanges() {
    return Stream.of("local", "gloo", "spark");
  }

  /** Of two sums at most: a slice and a total from each rank to the other. */
  @Override
  protected int blocksOfASum() {
    return 8;
  }
}
