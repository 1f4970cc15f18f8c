package org.dapt.exchange;

import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.StringVector;

/**
 * Connects the ranks of a Gloo group. Gloo's constructor writes the address of its rank into a
 * store and waits there for those of the peers: it runs on a thread of its own, while this one
 * carries the addresses from store to store.
 */
final class GlooMeeting {
  /** Gloo's first and only context writes under this prefix. */
  private static final String CONTEXT = "0/";

  private final PrivateStore store;
  private final Rendezvous rendezvous;

  private GlooMeeting(PrivateStore store, Rendezvous rendezvous) {
    this.store = store;
    this.rendezvous = rendezvous;
  }

  static GlooExchange at(Rendezvous rendezvous) {
    return new GlooMeeting(PrivateStore.create(rendezvous.timeout()), rendezvous).connect();
  }

  private GlooExchange connect() {
    CompletableFuture<GlooExchange> connected = new CompletableFuture<>();
    Thread connecting =
        new Thread(
            () -> {
              try (PointerScope scope = new PointerScope()) {
                connected.complete(new GlooExchange(store, rendezvous));
              } catch (RuntimeException | Error e) {
                connected.completeExceptionally(e);
              }
            },
            "gloo-connect");
    connecting.setDaemon(true);
    connecting.start();
    try {
      share(rendezvous.gather(ownAddress(connected)));
      return connected.join();
    } catch (CompletionException e) {
      discard(connected);
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    } catch (RuntimeException e) {
      discard(connected);
      throw e;
    }
  }

  /** Gloo may still wait in the store for addresses that will not come. It is not waited for. */
  private void discard(CompletableFuture<GlooExchange> connected) {
    CompletableFuture<GlooExchange> unused =
        connected.whenComplete(
            (exchange, failure) -> {
              if (exchange == null) {
                store.close();
              } else {
                exchange.close();
              }
            });
  }

  private String ownAddress(CompletableFuture<GlooExchange> connected) {
    Duration timeout = rendezvous.timeout();
    long start = System.nanoTime();
    try (PointerScope scope = new PointerScope()) {
      String key = CONTEXT + rendezvous.rank();
      StringVector keys = new StringVector(key);
      while (!store.pointer().check(keys)) {
        if (connected.isCompletedExceptionally()) {
          connected.join();
        }
        if (System.nanoTime() - start > timeout.toNanos()) {
          throw new ExchangeException(
              "Gloo did not tell the address of rank "
                  + rendezvous.rank()
                  + " on "
                  + rendezvous.host()
                  + " within "
                  + timeout,
              null);
        }
        LockSupport.parkNanos(1_000_000);
      }
      return Base64.getEncoder().encodeToString(store.pointer().get(key).get());
    }
  }

  private void share(List<String> addresses) {
    try (PointerScope scope = new PointerScope()) {
      for (int rank = 0; rank < addresses.size(); rank++) {
        if (rank != rendezvous.rank()) {
          byte[] address = Base64.getDecoder().decode(addresses.get(rank));
          store.pointer().set(CONTEXT + rank, new ByteVector(address));
        }
      }
    }
  }
}
