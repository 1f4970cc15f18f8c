package org.dapt.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.exchange.ExchangeProvider;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadRendezvous;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tensor.Placement;

/** Measures sums of float32 vectors over ranks that are threads of this process. */
public final class ExchangeBench {
  private static final int WARMUP = 5;
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final int ranks;
  private final int values;
  private final String exchange;
  private final int sums;

  /**
   * @param values length of the vector
   * @param exchange name of the exchange
   * @param sums measured sums
   */
  public ExchangeBench(int ranks, int values, String exchange, int sums) {
    this.ranks = ranks;
    this.values = values;
    this.exchange = exchange;
    this.sums = sums;
  }

  /** Sums; a measured run is one sum, as rank 0 sees it. */
  public BenchResult run() throws Exception {
    ExchangeProvider provider = ExchangeProvider.named(exchange);
    ThreadRendezvous rendezvous = new ThreadRendezvous(ranks, TIMEOUT);
    Timings timings = new Timings();
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        int own = rank;
        running.add(
            threads.submit(
                () -> {
                  sum(provider, rendezvous, own, own == 0 ? timings : new Timings());
                  return null;
                }));
      }
      for (Future<?> rank : running) {
        rank.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("command", "exchange");
    settings.put("exchange", exchange);
    settings.put("ranks", ranks);
    settings.put("values", values);
    settings.put("sums", sums);
    Map<String, Object> more =
        Map.of("values_per_second", BenchResult.perSecond((long) values * sums, timings));
    return new BenchResult(timings, 0, more, settings);
  }

  private void sum(
      ExchangeProvider provider, ThreadRendezvous rendezvous, int rank, Timings timings)
      throws Exception {
    NativeRuntime.useThreads(1);
    try (PointerScope scope = new PointerScope();
        GradientExchange own = provider.open(rendezvous.seat(rank))) {
      Tensor vector = Placement.cpu(ComputeType.FLOAT32).zeros(ScalarType.Float, values);
      for (int i = 0; i < WARMUP; i++) {
        own.sum(vector);
      }
      for (int i = 0; i < sums; i++) {
        rendezvous.await();
        timings.measure(() -> own.sum(vector));
      }
      // Nobody leaves while a peer is still in a sum.
      rendezvous.await();
    }
  }
}
