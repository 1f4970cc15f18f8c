package org.dapt.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.ConfigException;
import org.dapt.tensor.NativeRuntime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every exchange must keep. */
class GradientExchangeTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int[] SIZES = {0, 1, 7, 1_300_000};

  @ParameterizedTest
  @CsvSource({"local,1", "local,2", "local,3", "gloo,1", "gloo,2", "gloo,3"})
  void sumsOfWholeNumbersAreExact(String exchange, int ranks) throws Exception {
    List<Future<String>> mistakes =
        new ThreadGang(exchange, ranks, LONG)
            .start(
                end -> {
                  assertThat(end.name()).isEqualTo(exchange);
                  assertThat(end.ranks()).isEqualTo(ranks);
                  for (int size : SIZES) {
                    float[] floats = new float[size];
                    double[] doubles = new double[size];
                    for (int i = 0; i < size; i++) {
                      floats[i] = i % 1000 + 1000 * end.rank();
                      doubles[i] = i + 1e9 * end.rank();
                    }
                    try (PointerScope scope = new PointerScope()) {
                      Tensor single = Tensor.create(floats, size);
                      Tensor twice = Tensor.create(doubles, size);
                      end.sum(single);
                      end.sum(twice);
                      if (size > 0) {
                        single.data_ptr_float().get(floats);
                        twice.data_ptr_double().get(doubles);
                      }
                    }
                    int others = ranks * (ranks - 1) / 2;
                    for (int i = 0; i < size; i++) {
                      if (floats[i] != ranks * (i % 1000) + 1000 * others
                          || doubles[i] != ranks * (double) i + 1e9 * others) {
                        return "size "
                            + size
                            + ", entry "
                            + i
                            + ": "
                            + floats[i]
                            + ", "
                            + doubles[i];
                      }
                    }
                  }
                  return "";
                });
    for (Future<String> mistake : mistakes) {
      assertThat(mistake.get(60, TimeUnit.SECONDS)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"local,2", "local,3", "gloo,2", "gloo,3"})
  void everyRankSeesTheSameBitsEveryTime(String exchange, int ranks) throws Exception {
    List<Integer> hashes = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      List<Future<Integer>> results =
          new ThreadGang(exchange, ranks, LONG)
              .start(
                  end -> {
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
                  });
      for (Future<Integer> result : results) {
        hashes.add(result.get(60, TimeUnit.SECONDS));
      }
    }
    assertThat(hashes).containsOnly(hashes.get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "gloo"})
  void repeatedSumsHoldNoMemory(String exchange) throws Exception {
    List<Future<Long>> growths =
        new ThreadGang(exchange, 2, LONG)
            .start(
                end -> {
                  long settled = 0;
                  for (int i = 0; i < 200; i++) {
                    try (PointerScope scope = new PointerScope()) {
                      end.sum(Tensor.create(new float[1_300_000], 1_300_000));
                    }
                    if (i == 50) {
                      settled = NativeRuntime.residentBytes();
                    }
                  }
                  return NativeRuntime.residentBytes() - settled;
                });
    for (Future<Long> growth : growths) {
      // 150 sums that each kept one vector would hold 780 MB; the heap may still settle by some.
      assertThat(growth.get(120, TimeUnit.SECONDS)).isLessThan(300L << 20);
    }
  }

  @ParameterizedTest
  @CsvSource({"local,2", "local,3", "gloo,2", "gloo,3"})
  void aRankThatFailsReleasesItsPeers(String exchange, int ranks) throws Exception {
    long start = System.nanoTime();
    List<Future<String>> results =
        new ThreadGang(exchange, ranks, LONG)
            .start(
                end -> {
                  for (int i = 0; i < 5; i++) {
                    if (i == 2 && end.rank() == ranks - 1) {
                      throw new IllegalStateException("the one that fails");
                    }
                    try (PointerScope scope = new PointerScope()) {
                      end.sum(Tensor.create(1f, 2f));
                    }
                  }
                  return "finished";
                });
    for (int rank = 0; rank < ranks; rank++) {
      Future<String> result = results.get(rank);
      Class<?> expected = rank == ranks - 1 ? IllegalStateException.class : ExchangeException.class;
      assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(expected);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "gloo"})
  void aRankThatDoesNotComeIsGivenUp(String exchange) throws Exception {
    List<Future<String>> results =
        new ThreadGang(exchange, 2, Duration.ofSeconds(2))
            .start(
                end -> {
                  if (end.rank() == 1) {
                    Thread.sleep(6000);
                    return "came late";
                  }
                  try (PointerScope scope = new PointerScope()) {
                    long start = System.nanoTime();
                    assertThatThrownBy(() -> end.sum(Tensor.create(1f)))
                        .isInstanceOf(ExchangeException.class);
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .isLessThan(Duration.ofSeconds(5));
                  }
                  return "gave up";
                });
    assertThat(results.get(0).get(30, TimeUnit.SECONDS)).isEqualTo("gave up");
    assertThat(results.get(1).get(30, TimeUnit.SECONDS)).isEqualTo("came late");
  }

  @Test
  void vectorsOfDifferentLengthAreRefused() throws Exception {
    List<Future<String>> results =
        new ThreadGang("local", 2, LONG)
            .start(
                end -> {
                  try (PointerScope scope = new PointerScope()) {
                    end.sum(Tensor.create(new float[3 + end.rank()], 3 + end.rank()));
                  }
                  return "summed";
                });
    for (Future<String> result : results) {
      assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS))
          .hasMessageContaining("rank 1 brought 4 numbers of type Float, rank 0 3");
    }
  }

  @Test
  void anUnknownExchangeIsAConfigurationErrorThatNamesTheKnownOnes() {
    assertThatThrownBy(() -> ExchangeProvider.named("avian"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("avian")
        .hasMessageContaining("gloo, local");
  }
}
