package org.dapt.exchange;

import org.dapt.tensor.NativeRuntime;

/**
 * {@code gloo}: ranks in different processes, over TCP, by libtorch's Gloo.
 *
 * <p>The ranks' addresses travel by the {@link Rendezvous}, not by a store that listens. Each rank
 * listens at its own address only, for its peers' connections; these are not authenticated.
 */
public final class GlooExchangeProvider implements ExchangeProvider {
  @Override
  public String name() {
    return "gloo";
  }

  @Override
  public boolean plaintext() {
    return true;
  }

  @Override
  public GradientExchange open(Rendezvous rendezvous) {
    NativeRuntime.load();
    return GlooMeeting.at(rendezvous);
  }
}
