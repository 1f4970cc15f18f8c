package org.dapt.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.dapt.error.ConfigException;
import org.dapt.exchange.ExchangeProvider;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.Rendezvous;
import org.junit.jupiter.api.Test;

class ExchangeBenchTest {
  @Test
  void aRankThatCannotOpenItsEndStopsThoseThatWaitForIt() {
    ExchangeBench bench = new ExchangeBench(2, 8, "broken", 1, null);

    ConfigException thrown =
        assertTimeoutPreemptively(
            Duration.ofSeconds(30),
            () -> assertThrows(ConfigException.class, () -> bench.overThreads(new Broken())));

    assertEquals("no port for rank 1", thrown.getMessage());
  }

  /** Opens the end of no rank but rank 0, which waits for the others. */
  private static final class Broken implements ExchangeProvider {
    @Override
    public String name() {
      return "broken";
    }

    @Override
    public boolean plaintext() {
      return false;
    }

    @Override
    public GradientExchange open(Rendezvous rendezvous) {
      if (rendezvous.rank() != 0) {
        throw new ConfigException("no port for rank " + rendezvous.rank());
      }
      rendezvous.gather("here");
      throw new IllegalStateException("Rank 1 did not come and was not missed");
    }
  }
}
