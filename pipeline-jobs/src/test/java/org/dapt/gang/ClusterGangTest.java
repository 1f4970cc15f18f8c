package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks in processes of their own. */
class ClusterGangTest {
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() throws Exception {
    spark = TestSpark.cluster(2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @ParameterizedTest
  @CsvSource({"auto,gloo", "spark,spark"})
  void ranksSumBetweenProcesses(String exchange, String name) {
    List<String> results =
        gang(exchange)
            .run(
                context -> {
                  float sum = 0;
                  for (int step = 0; step < 20; step++) {
                    sum = summed(context, step + context.rank());
                  }
                  return context.exchange().name()
                      + " "
                      + sum
                      + " "
                      + ProcessHandle.current().pid();
                });
    assertThat(results.get(0)).startsWith(name + " 39.0 ");
    assertThat(results.get(1)).startsWith(name + " 39.0 ").isNotEqualTo(results.get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gloo", "spark"})
  void aKilledExecutorIsReplacedAndTheGangStartsAgain(String exchange) {
    List<Float> sums =
        gang(exchange)
            .run(
                context -> {
                  if (context.attempt() == 0 && context.rank() == 1) {
                    summed(context, 1);
                    Runtime.getRuntime().halt(137);
                  }
                  float first = summed(context, 1);
                  return first + summed(context, context.attempt());
                });
    assertThat(sums).containsExactly(4f, 4f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gloo", "spark"})
  void aKnownFailureComesOutOfTheOtherProcess(String exchange) {
    assertThatThrownBy(
            () ->
                gang(exchange)
                    .run(
                        context -> {
                          if (context.rank() == 1) {
                            throw new InputException("block 2 is corrupted");
                          }
                          return summed(context, 1);
                        }))
        .isInstanceOf(InputException.class)
        .hasMessage("block 2 is corrupted");
  }

  @Test
  void theLocalExchangeIsRefusedBetweenProcesses() {
    assertThatThrownBy(() -> gang("local"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("ranks run in different processes");
  }

  private static Gang gang(String exchange) {
    return new Gang(spark, new GangOptions(2, exchange, Duration.ofSeconds(30), false));
  }

  private static float summed(RankContext context, float value) {
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(value);
      context.exchange().sum(flat);
      return flat.item_float();
    }
  }
}
