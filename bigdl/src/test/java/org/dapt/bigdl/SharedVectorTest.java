package org.dapt.bigdl;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.exchange.ExchangeException;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;
import org.dapt.gang.RankContext;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What BigDL does not say, the marks do. */
class SharedVectorTest {
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.local(2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void whatAllRanksPutIsAddedUp() {
    assertThat(sums(List.of(true, true, true))).containsExactly("3.0", "3.0", "3.0");
  }

  @Test
  void aRankWhosePartIsNotThereIsMissed() {
    assertThat(sums(List.of(false)).get(0))
        .contains("did not add up what all ranks had put", "come to 2.0, not 4.0");
  }

  @Test
  void aRankWhosePartIsThatOfTheLastSumIsMissed() {
    List<String> sums = sums(List.of(true, false));
    assertThat(sums.get(0)).isEqualTo("3.0");
    assertThat(sums.get(1)).contains("did not add up", "come to 3.0, not 2.0");
  }

  /**
   * Two ranks sum 1 and 2 so often.
   *
   * @param puts whether rank 1 puts its numbers
   * @return what came of each sum on rank 0: the number, or what went wrong, behind which nothing
   *     comes
   */
  private static List<String> sums(List<Boolean> puts) {
    // Another exchange, by which ranks wait for each other.
    GangOptions options = new GangOptions(2, "local", Duration.ofSeconds(30), false);
    List<String> results =
        new Gang(spark, options)
            .run(
                context -> {
                  Engine.start();
                  // In a thread that is no task, as the exchange does.
                  ExecutorService hand = Executors.newSingleThreadExecutor();
                  try (PointerScope scope = new PointerScope()) {
                    return sums(context, puts, hand);
                  } finally {
                    hand.shutdown();
                  }
                });
    return List.of(results.get(0).split("\n"));
  }

  private static String sums(RankContext context, List<Boolean> puts, ExecutorService hand)
      throws Exception {
    int rank = context.rank();
    PinnedBlocks blocks = new PinnedBlocks(SparkEnv.get().blockManager());
    SharedVector vector = new SharedVector(4711, 1, rank, 2, "none", blocks);
    hand.submit(vector::begin).get();
    FloatPointer number = new FloatPointer(1);
    StringBuilder results = new StringBuilder();
    for (boolean put : puts) {
      number.put(0, rank + 1f);
      vector.take(number);
      if (rank == 0 || put) {
        hand.submit(vector::put).get();
      }
      meet(context);
      String failure = addUp(vector, hand, rank);
      meet(context);
      if (failure == null && put) {
        hand.submit(vector::fetch).get();
        vector.give(number);
      }
      results.append(failure == null ? number.get(0) : failure).append('\n');
      meet(context);
    }
    hand.submit(vector::remove).get();
    return results.toString();
  }

  /** What went wrong, null if nothing did. Rank 1 has no number of its own to add up. */
  private static String addUp(SharedVector vector, ExecutorService hand, int rank)
      throws Exception {
    Future<?> added = hand.submit(vector::addUp);
    try {
      added.get();
      return null;
    } catch (java.util.concurrent.ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(ExchangeException.class);
      return rank == 0 ? e.getCause().getMessage() : "rank 1 failed, too";
    }
  }

  private static void meet(RankContext context) {
    context.exchange().sum(Tensor.create(1f));
  }
}
