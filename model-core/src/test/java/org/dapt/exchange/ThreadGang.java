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
  private final String[] texts;
  private int written;

  public ThreadGang(String exchange, int ranks, Duration timeout) {
    this.exchange = exchange;
    this.ranks = ranks;
    this.timeout = timeout;
    this.texts = new String[ranks];
  }

  /** One future per rank. The exchanges are closed when the work ends, well or not. */
  public <T> List<Future<T>> start(Work<T> work) {
    ExecutorService pool = Executors.newFixedThreadPool(ranks);
    List<Future<T>> results = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      Seat seat = new Seat(rank);
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

  private synchronized List<String> gatherTexts(int rank, String text) throws InterruptedException {
    texts[rank] = text;
    written++;
    notifyAll();
    while (written < ranks) {
      wait();
    }
    return List.of(texts);
  }

  private final class Seat implements Rendezvous {
    private final int rank;

    Seat(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int ranks() {
      return ranks;
    }

    @Override
    public String host() {
      return "127.0.0.1";
    }

    @Override
    public Duration timeout() {
      return timeout;
    }

    @Override
    public List<String> gather(String text) {
      try {
        return gatherTexts(rank, text);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
