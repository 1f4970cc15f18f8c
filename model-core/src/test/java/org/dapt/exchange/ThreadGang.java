package org.dapt.exchange;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dapt.tensor.NativeRuntime;

/** Runs ranks as threads of this process; every rank has its own end of the exchange. */
public final class ThreadGang {
  /** What a rank does with its end. */
  public interface Work<T> {
    T run(GradientExchange exchange) throws Exception;
  }

  private final String exchange;
  private final int ranks;
  private final Duration timeout;

  public ThreadGang(String exchange, int ranks, Duration timeout) {
    this.exchange = exchange;
    this.ranks = ranks;
    this.timeout = timeout;
  }

  /** One future per rank. The exchanges are closed when the work ends, well or not. */
  public <T> List<Future<T>> start(Work<T> work) {
    ExecutorService pool = Executors.newFixedThreadPool(ranks);
    List<Future<T>> results = new ArrayList<>();
    ThreadRendezvous rendezvous = new ThreadRendezvous(ranks, timeout);
    for (int rank = 0; rank < ranks; rank++) {
      Rendezvous seat = rendezvous.seat(rank);
      results.add(
          pool.submit(
              () -> {
                NativeRuntime.useThreads(1);
                try (GradientExchange end = ExchangeProvider.named(exchange).open(seat)) {
                  return work.run(end);
                }
              }));
    }
    pool.shutdown();
    return results;
  }
}
