package org.dapt.gang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.error.TrainingException;
import org.dapt.spark.HeapExhausted;
import org.dapt.spark.SparkFailures;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalGangTest {
  /** Ranks of a local gang are threads of this process, so they can leave notes here. */
  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.local(2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @ParameterizedTest
  @CsvSource({"1,auto", "2,auto", "1,gloo", "2,gloo", "1,spark", "2,spark"})
  void everyRankRunsOnceAndSeesTheSum(int ranks, String exchange) {
    Gang gang = gang(ranks, exchange);
    List<String> results =
        gang.run(
            context -> {
              try (PointerScope scope = new PointerScope()) {
                Tensor flat = Tensor.create(1f, context.rank());
                context.exchange().sum(flat);
                return context.rank()
                    + "/"
                    + context.ranks()
                    + " over "
                    + context.exchange().name()
                    + ": "
                    + flat.sum().item_float()
                    + ", threads "
                    + torch.get_num_threads();
              }
            });
    String name = exchange.equals("auto") ? "local" : exchange;
    assertThat(gang.exchange()).isEqualTo(name);
    assertThat(results).hasSize(ranks);
    float sum = ranks + ranks * (ranks - 1) / 2f;
    for (int rank = 0; rank < ranks; rank++) {
      assertThat(results.get(rank))
          .isEqualTo("%d/%d over %s: %s, threads 1", rank, ranks, name, sum);
    }
  }

  @Test
  void ranksMayReturnNothing() {
    List<String> results = gang(2, "local").run(context -> context.rank() == 0 ? "block" : null);
    assertThat(results).containsExactly("block", null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "gloo", "spark"})
  void aKnownFailureOfOneRankEndsTheGangAtOnce(String exchange) {
    SEEN.clear();
    assertThatThrownBy(
            () ->
                gang(2, exchange)
                    .run(
                        context -> {
                          SEEN.add("attempt " + context.attempt());
                          if (context.rank() == 1) {
                            throw new InputException("shard 3 of task a: row 7\nhas no tokens");
                          }
                          sumOnes(context);
                          return null;
                        }))
        .isInstanceOf(InputException.class)
        .hasMessage("shard 3 of task a: row 7\nhas no tokens");
    assertThat(SEEN).containsExactly("attempt 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "gloo", "spark"})
  void aPassingFailureIsTriedAgain(String exchange) {
    List<Integer> attempts =
        gang(2, exchange)
            .run(
                context -> {
                  if (context.attempt() == 0 && context.rank() == 1) {
                    throw new IllegalStateException("a bad moment");
                  }
                  sumOnes(context);
                  return context.attempt();
                });
    assertThat(attempts).containsExactly(1, 1);
  }

  @Test
  void aFailureThatDoesNotPassIsATrainingFailureThatNamesIt() {
    assertThatThrownBy(
            () ->
                gang(2, "local")
                    .run(
                        context -> {
                          throw new IllegalStateException("always bad");
                        }))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("2 ranks")
        .hasMessageContaining("always bad");
  }

  @Test
  void moreRanksThanSlotsAreRefused() {
    assertThatThrownBy(() -> gang(3, "local"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("train.ranks is 3, but local[2] runs 2 tasks at once");
    assertThat(Gang.slots(spark)).isEqualTo(2);
  }

  @Test
  void aKnownFailureOfAnOrdinaryTaskIsFoundAgain() {
    Function<Integer, Integer> task =
        i -> {
          throw new InputException("task b: train.json is missing");
        };
    assertThatThrownBy(() -> spark.parallelize(List.of(1)).map(task).collect())
        .satisfies(
            failure ->
                assertThat(SparkFailures.unwrap(failure))
                    .isInstanceOf(InputException.class)
                    .hasMessage("task b: train.json is missing"));
  }

  /** One rank takes longer to get ready than the others wait for it afterwards. */
  private record SlowToPrepare(long millis) implements RankFunction<Float> {
    @Override
    public void prepare(int rank) throws InterruptedException {
      if (rank == 0) {
        Thread.sleep(millis);
      }
    }

    @Override
    public Float run(RankContext context) {
      try (PointerScope scope = new PointerScope()) {
        Tensor flat = Tensor.create(1f);
        context.exchange().sum(flat);
        return flat.item_float();
      }
    }
  }

  @Test
  void ranksGetReadyForAsLongAsItTakes() {
    Gang gang = new Gang(spark, new GangOptions(2, "local", Duration.ofSeconds(3), false));
    assertThat(gang.run(new SlowToPrepare(5000))).containsExactly(2f, 2f);
  }

  @Test
  void aFullHeapIsNamedWithItsKey() {
    assertThatThrownBy(
            () ->
                gang(2, "local")
                    .run(
                        context -> {
                          if (context.rank() == 1) {
                            throw new OutOfMemoryError("Java heap space");
                          }
                          sumOnes(context);
                          return null;
                        }))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("Java heap", "spark.driver.memory");
  }

  @Test
  void tensorsThatDoNotFitAreNamedWithTheKeysToLower() {
    assertThatThrownBy(
            () ->
                gang(2, "local")
                    .run(
                        context -> {
                          if (context.rank() == 1) {
                            tooLarge();
                          }
                          sumOnes(context);
                          return null;
                        }))
        .isInstanceOf(TrainingException.class)
        .hasMessageContainingAll(
            "you tried to allocate 281474976710656 bytes",
            "train.micro-batch-tokens",
            "train.recompute = true");
  }

  @Test
  void answersThatDoNotFitAreNamedWithTheirKey() {
    assertThatThrownBy(() -> HeapExhausted.guard(LocalGangTest::tooLarge))
        .isInstanceOf(TrainingException.class)
        .hasMessageContainingAll("281474976710656 bytes", "evaluate.batch-tokens");
  }

  private static Tensor tooLarge() {
    try (PointerScope scope = new PointerScope()) {
      return Placement.cpu(ComputeType.FLOAT32).zeros(ScalarType.Float, 1L << 46);
    }
  }

  private static Gang gang(int ranks, String exchange) {
    return new Gang(spark, new GangOptions(ranks, exchange, Duration.ofSeconds(30), false));
  }

  private static void sumOnes(RankContext context) {
    try (PointerScope scope = new PointerScope()) {
      context.exchange().sum(Tensor.create(1f, 1f));
    }
  }
}
