package org.dapt.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the exchanges do with ranks that fail; the gangs' contract test has the rest. */
class GradientExchangeTest {
  private static final Duration LONG = Duration.ofSeconds(60);

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
