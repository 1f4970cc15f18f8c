package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.BlockId;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.exchange.ExchangeException;
import org.dapt.exchange.GradientExchange;
import org.dapt.tensor.NativeRuntime;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * What every exchange must keep, also those of optional modules. Ranks are tasks of a barrier stage
 * in this process.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ExchangeContract {
  private static final Duration LONG = Duration.ofSeconds(60);

  /** Ranks are threads of this process, so one can tell the other. */
  private static final Semaphore GIVEN_UP = new Semaphore(0);

  private static final int[] SIZES = {0, 1, 7, 1_000_003};

  private JavaSparkContext spark;

  /** The names of the exchanges. */
  protected abstract Stream<String> exchanges();

  /** How many blocks of two ranks may lie in a block manager while they sum. */
  protected abstract int blocksOfASum();

  @BeforeAll
  void start() {
    spark = TestSpark.local(3);
  }

  @AfterAll
  void stop() {
    spark.stop();
  }

  /** At most the goodbyes of the last gang, which nobody is left to read. */
  @AfterEach
  void noGradientStaysInTheBlockManager() {
    assertThat(gradientBytes()).isLessThan(100);
  }

  Stream<Arguments> everyExchangeWithOneToThreeRanks() {
    return exchanges().flatMap(name -> Stream.of(1, 2, 3).map(ranks -> Arguments.of(name, ranks)));
  }

  Stream<Arguments> everyExchangeWithPeers() {
    return everyExchangeWithOneToThreeRanks().filter(a -> !a.get()[1].equals(1));
  }

  @ParameterizedTest
  @MethodSource("everyExchangeWithOneToThreeRanks")
  void sumsOfWholeNumbersAreExact(String exchange, int ranks) {
    List<String> mistakes =
        run(
            exchange,
            ranks,
            LONG,
            end -> {
              assertThat(end.name()).isEqualTo(exchange);
              assertThat(end.ranks()).isEqualTo(ranks);
              StringBuilder wrong = new StringBuilder();
              for (int size : SIZES) {
                wrong.append(sumOfFloats(end, size)).append(sumOfDoubles(end, size));
              }
              return wrong.toString();
            });
    assertThat(mistakes).hasSize(ranks).containsOnly("");
  }

  private static String sumOfFloats(GradientExchange end, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i % 1000 + 1000 * end.rank();
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(values, size);
      end.sum(flat);
      if (size > 0) {
        flat.data_ptr_float().get(values);
      }
    }
    int others = end.ranks() * (end.ranks() - 1) / 2;
    for (int i = 0; i < size; i++) {
      if (values[i] != end.ranks() * (i % 1000) + 1000 * others) {
        return "float " + i + " of " + size + " is " + values[i] + "; ";
      }
    }
    return "";
  }

  private static String sumOfDoubles(GradientExchange end, int size) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = i + 1e9 * end.rank();
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(values, size);
      end.sum(flat);
      if (size > 0) {
        flat.data_ptr_double().get(values);
      }
    }
    int others = end.ranks() * (end.ranks() - 1) / 2;
    for (int i = 0; i < size; i++) {
      if (values[i] != end.ranks() * (double) i + 1e9 * others) {
        return "double " + i + " of " + size + " is " + values[i] + "; ";
      }
    }
    return "";
  }

  @ParameterizedTest
  @MethodSource("everyExchangeWithPeers")
  void everyRankSeesTheSameBitsEveryTime(String exchange, int ranks) {
    List<Integer> first = run(exchange, ranks, LONG, ExchangeContract::bitsOfASum);
    List<Integer> second = run(exchange, ranks, LONG, ExchangeContract::bitsOfASum);
    assertThat(first).hasSize(ranks).containsOnly(first.get(0));
    assertThat(second).isEqualTo(first);
  }

  private static int bitsOfASum(GradientExchange end) {
    Random random = new Random(end.rank());
    float[] values = new float[100_003];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(values, values.length);
      end.sum(flat);
      flat.data_ptr_float().get(values);
    }
    return Arrays.hashCode(values);
  }

  @ParameterizedTest
  @MethodSource("exchanges")
  void fiveHundredSumsHoldNoMemory(String exchange) {
    int most = blocksOfASum();
    List<Long> growths =
        run(
            exchange,
            2,
            LONG,
            end -> {
              float[] zeros = new float[300_000];
              long settled = 0;
              for (int i = 0; i < 500; i++) {
                try (PointerScope scope = new PointerScope()) {
                  end.sum(Tensor.create(zeros, zeros.length));
                }
                assertThat(gradients().size()).isLessThanOrEqualTo(most);
                if (i == 200) {
                  settled = NativeRuntime.residentBytes();
                }
              }
              return NativeRuntime.residentBytes() - settled;
            });
    // 300 sums that each kept one vector of one rank would hold 360 MB; the heap may still settle.
    assertThat(growths).hasSize(2).allMatch(growth -> growth < 200L << 20);
  }

  @ParameterizedTest
  @MethodSource("everyExchangeWithPeers")
  void aRankThatLeavesReleasesItsPeers(String exchange, int ranks) {
    List<Long> millis =
        run(
            exchange,
            ranks,
            LONG,
            end -> {
              sumOnes(end);
              if (end.rank() == ranks - 1) {
                end.close();
                return 0L;
              }
              return millisUntilGivenUp(end);
            });
    assertThat(millis).hasSize(ranks).allMatch(m -> m < 10_000);
  }

  @ParameterizedTest
  @MethodSource("exchanges")
  void aRankThatDoesNotComeIsGivenUp(String exchange) {
    GIVEN_UP.drainPermits();
    List<Long> millis =
        run(
            exchange,
            2,
            Duration.ofSeconds(2),
            end -> {
              sumOnes(end);
              if (end.rank() == 1) {
                assertThat(GIVEN_UP.tryAcquire(6, TimeUnit.SECONDS)).isTrue();
                return 0L;
              }
              long waited = millisUntilGivenUp(end);
              GIVEN_UP.release();
              return waited;
            });
    assertThat(millis.get(0)).isBetween(1500L, 5000L);
  }

  /**
   * A gang that lost a rank leaves nothing by which the next one in the process would be misled.
   */
  @ParameterizedTest
  @MethodSource("exchanges")
  void aGangAfterABrokenOneSumsAsEver(String exchange) {
    run(
        exchange,
        2,
        LONG,
        end -> {
          if (end.rank() == 0) {
            return millisUntilGivenUp(end);
          }
          end.close();
          return 0L;
        });
    assertThat(run(exchange, 2, LONG, ExchangeContract::sumOnes)).containsExactly(4f, 4f);
  }

  private static long millisUntilGivenUp(GradientExchange end) {
    long start = System.nanoTime();
    try {
      sumOnes(end);
    } catch (ExchangeException e) {
      // As a gang does. Over Gloo it is what releases those that are not connected to the cause.
      end.close();
      return (System.nanoTime() - start) / 1_000_000;
    }
    throw new AssertionError("rank " + end.rank() + " summed with a peer that was not there");
  }

  private static float sumOnes(GradientExchange end) {
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(1f, 1f);
      end.sum(flat);
      return flat.sum().item_float();
    }
  }

  private static long gradientBytes() {
    long bytes = 0;
    for (BlockId id : JavaConverters.seqAsJavaList(gradients())) {
      var status = SparkEnv.get().blockManager().getStatus(id);
      bytes += status.isEmpty() ? 0 : status.get().memSize() + status.get().diskSize();
    }
    return bytes;
  }

  private static Seq<BlockId> gradients() {
    return SparkEnv.get().blockManager().getMatchingBlockIds(new Gradients());
  }

  private <R extends Serializable> List<R> run(
      String exchange, int ranks, Duration timeout, Work<R> work) {
    return new Gang(spark, new GangOptions(ranks, exchange, timeout, false))
        .run(context -> work.run(context.exchange()));
  }

  /** What a rank does with its end. */
  private interface Work<R extends Serializable> extends Serializable {
    R run(GradientExchange end) throws Exception;
  }

  private static final class Gradients extends scala.runtime.AbstractFunction1<BlockId, Object> {
    @Override
    public Object apply(BlockId id) {
      // The name space that Spark leaves to tests, and exchanges use.
      return id.name().startsWith("test_");
    }
  }
}
