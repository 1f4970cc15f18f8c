package org.dapt.bigdl;

import java.util.stream.Stream;
import org.dapt.gang.ExchangeContract;

/** The exchange of BigDL keeps what every exchange must keep. */
class BigDlContractTest extends ExchangeContract {
  @Override
  protected Stream<String> exchanges() {
    return Stream.of("bigdl");
  }

  /** Of each rank two slices that it put, its sum in three forms, and messages of two sums. */
  @Override
  protected int blocksOfASum() {
    return 18;
  }
}
