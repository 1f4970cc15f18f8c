package org.dapt.exchange;

import java.util.List;
import java.util.UUID;
import org.dapt.error.ConfigException;

/** {@code local}: all ranks are threads of one process and meet in its memory. */
public final class LocalExchangeProvider implements ExchangeProvider {
  /** Tells this process from every other one, also on other machines. */
  private static final String PROCESS = UUID.randomUUID().toString();

  @Override
  public String name() {
    return "local";
  }

  @Override
  public boolean plaintext() {
    return false;
  }

  @Override
  public GradientExchange open(Rendezvous rendezvous) {
    // The process and, from rank 0, the name of a new group.
    List<String> offers = rendezvous.gather(PROCESS + "/" + UUID.randomUUID());
    for (int rank = 0; rank < offers.size(); rank++) {
      if (!offers.get(rank).startsWith(PROCESS)) {
        throw new ConfigException(
            "train.exchange is \"local\", but rank "
                + rank
                + " runs in another process than rank "
                + rendezvous.rank()
                + " on "
                + rendezvous.host()
                + ". Use \"gloo\" where the ranks are spread over executors.");
      }
    }
    LocalGroup group = LocalGroup.join(offers.get(0), rendezvous.ranks());
    return new LocalExchange(group, rendezvous.rank(), rendezvous.timeout());
  }
}
