package org.dapt.gang.spark;

import org.dapt.exchange.ExchangeProvider;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.Rendezvous;

/**
 * {@code spark}: ranks send blocks to the block managers of each other's executors. Needs no port
 * beside Spark's own, and is authenticated and encrypted as Spark's block transfers are.
 */
public final class SparkExchangeProvider implements ExchangeProvider {
  @Override
  public String name() {
    return "spark";
  }

  @Override
  public boolean plaintext() {
    return false;
  }

  @Override
  public GradientExchange open(Rendezvous rendezvous) {
    return new SparkExchange(Mailbox.open(rendezvous, name()));
  }
}
