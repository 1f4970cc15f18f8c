package org.dapt.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.ConfigException;
import org.dapt.exchange.ExchangeProvider;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadRendezvous;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tensor.Placement;

/** Measures sums of float32 vectors over ranks: threads of this process, or tasks of Spark. */
public final class ExchangeBench {
  private static final int WARMUP = 5;
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final int ranks;
  private final int values;
  private final String exchange;
  private final int sums;
  private final String master;

  /**
   * @param values length of the vector
   * @param exchange name of the exchange
   * @param sums measured sums
   * @param master the Spark whose tasks the ranks are; null makes them threads, without Spark
   */
  public ExchangeBench(int ranks, int values, String exchange, int sums, String master) {
    this.ranks = ranks;
    this.values = values;
    this.exchange = exchange;
    this.sums = sums;
    this.master = master;
  }

  /** Sums; a measured run is one sum, as rank 0 sees it. */
  public BenchResult run() throws Exception {
    Timings timings = master == null ? overThreads(ExchangeProvider.named(exchange)) : overTasks();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("command", "exchange");
    settings.put("exchange", exchange);
    if (master != null) {
      settings.put("master", master);
    }
    settings.put("ranks", ranks);
    settings.put("values", values);
    settings.put("sums", sums);
    Map<String, Object> more =
        Map.of("values_per_second", BenchResult.perSecond((long) values * sums, timings));
    return new BenchResult(timings, 0, more, settings);
  }

  Timings overThreads(ExchangeProvider provider) throws Exception {
    ThreadRendezvous rendezvous = new ThreadRendezvous(ranks, TIMEOUT);
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    try {
      // In the order in which they end: where a rank fails, the others wait for it without end.
      CompletionService<Timings> ends = new ExecutorCompletionService<>(threads);
      List<Future<Timings>> all = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        int own = rank;
        all.add(
            ends.submit(
                () -> {
                  try (GradientExchange end = provider.open(rendezvous.seat(own))) {
                    return sum(end, values, sums, rendezvous::await);
                  }
                }));
      }
      for (int ended = 0; ended < ranks; ended++) {
        ends.take().get();
      }
      return all.get(0).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private Timings overTasks() {
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setAppName("dapt bench exchange")
            .set("spark.ui.enabled", "false");
    Gang.applyDefaults(conf);
    int length = values;
    int measured = sums;
    try (JavaSparkContext spark = start(conf)) {
      GangOptions options = new GangOptions(ranks, exchange, TIMEOUT, false);
      return new Gang(spark, options)
          .run(context -> sum(context.exchange(), length, measured, () -> {}))
          .get(0);
    }
  }

  private JavaSparkContext start(SparkConf conf) {
    try {
      return new JavaSparkContext(conf);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      // Scala does not declare it.
      throw new ConfigException(
          "--master is " + master + ", which Spark does not start with: " + e.getMessage(), e);
    }
  }

  private static Timings sum(GradientExchange own, int length, int measured, Timings.Body meeting)
      throws Exception {
    NativeRuntime.useThreads(1);
    Timings timings = new Timings();
    try (PointerScope scope = new PointerScope()) {
      Tensor vector = Placement.cpu(ComputeType.FLOAT32).zeros(ScalarType.Float, length);
      for (int i = 0; i < WARMUP; i++) {
        own.sum(vector);
      }
      for (int i = 0; i < measured; i++) {
        meeting.run();
        timings.measure(() -> own.sum(vector));
      }
      // Nobody leaves while a peer is still in a sum.
      meeting.run();
    }
    return timings;
  }
}
