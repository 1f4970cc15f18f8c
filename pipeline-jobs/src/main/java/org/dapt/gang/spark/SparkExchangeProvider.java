package org.dapt.gang.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.spark.SparkEnv;
import org.dapt.error.ConfigException;
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
    SparkEnv env = SparkEnv.get();
    if (env == null) {
      throw new ConfigException(
          "train.exchange is \"spark\", but rank "
              + rendezvous.rank()
              + " does not run inside Spark. Use \"local\" or \"gloo\" there.");
    }
    Mailbox.sweep(env.blockManager());
    // Rank 0 names the group, anew in every attempt: blocks of an earlier attempt are never read.
    Seat own = Seat.of(env.blockManager().blockManagerId());
    List<Seat> seats = new ArrayList<>();
    String group = null;
    for (String line : rendezvous.gather(UUID.randomUUID() + " " + own.encode())) {
      String[] parts = line.split(" ", 2);
      group = group == null ? parts[0] : group;
      seats.add(Seat.decode(parts[1]));
    }
    Mailbox mailbox =
        new Mailbox(env.blockManager(), group, seats, rendezvous.rank(), rendezvous.timeout());
    return new SparkExchange(mailbox);
  }
}
