package org.dapt.exchange;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.IntOptional;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.dapt.tensor.NativeRuntime;

/** {@code gloo}: ranks in different processes, over TCP, by libtorch's Gloo. */
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
    try (PointerScope scope = new PointerScope()) {
      TCPStore store = rendezvous.rank() == 0 ? lead(rendezvous) : follow(rendezvous);
      return new GlooExchange(store, rendezvous);
    }
  }

  private static TCPStore lead(Rendezvous rendezvous) {
    ListeningSocket socket = ListeningSocket.at(rendezvous.host());
    TCPStoreOptions options = options(rendezvous, socket.port());
    options.isServer(true).masterListenFd(new IntOptional(socket.descriptor()));
    TCPStore store = connect(rendezvous.host(), socket.port(), options);
    // The store serves from here on: a follower that has read the address finds it listening.
    rendezvous.gather(rendezvous.host() + " " + socket.port());
    return store;
  }

  private static TCPStore follow(Rendezvous rendezvous) {
    String[] address = rendezvous.gather("").get(0).split(" ", 2);
    int port = Integer.parseInt(address[1]);
    return connect(address[0], port, options(rendezvous, port));
  }

  private static TCPStore connect(String host, int port, TCPStoreOptions options) {
    try {
      return new TCPStore(host, options);
    } catch (RuntimeException e) {
      throw new ExchangeException(
          "Cannot reach the gang's store at " + host + ":" + port + ": " + e.getMessage(), e);
    }
  }

  private static TCPStoreOptions options(Rendezvous rendezvous, int port) {
    SizeTPointer workers = new SizeTPointer(1);
    workers.put(rendezvous.ranks());
    // The native field is an unsigned short: the cast keeps its bits.
    return new TCPStoreOptions()
        .port((short) port)
        .isServer(false)
        .waitWorkers(false)
        .useLibUV(false)
        .numWorkers(workers)
        .timeout(new Milliseconds(rendezvous.timeout().toMillis()));
  }
}
