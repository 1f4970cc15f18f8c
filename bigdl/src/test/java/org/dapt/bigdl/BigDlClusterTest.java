package org.dapt.bigdl;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;
import org.dapt.gang.RankContext;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ranks in processes of their own. */
class BigDlClusterTest {
  /** More lengths than an exchange keeps blocks for, in changing order. */
  private static final int[] LENGTHS = {1, 200_001, 5, 3, 1, 200_001, 2};

  private static JavaSparkContext spark;

  @BeforeAll
  static void start() throws Exception {
    spark = TestSpark.cluster(2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void ranksSumBetweenProcesses() {
    List<String> results =
        gang("bigdl")
            .run(
                context -> {
                  for (int step = 0; step < 3 * LENGTHS.length; step++) {
                    int length = LENGTHS[step % LENGTHS.length];
                    String wrong = floats(context, length, step) + doubles(context, length, step);
                    if (!wrong.isEmpty()) {
                      return "in sum " + step + ": " + wrong;
                    }
                  }
                  return context.exchange().name() + " in " + ProcessHandle.current().pid();
                });
    assertThat(results.get(0)).startsWith("bigdl in ").isNotEqualTo(results.get(1));
    assertThat(results.get(1)).startsWith("bigdl in ");
  }

  private static String floats(RankContext context, int length, int step) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (i % 1000 + step) * (context.rank() + 1);
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(values, length);
      context.exchange().sum(flat);
      flat.data_ptr_float().get(values);
    }
    for (int i = 0; i < length; i++) {
      if (values[i] != 3f * (i % 1000 + step)) {
        return "float " + i + " of " + length + " is " + values[i];
      }
    }
    return "";
  }

  private static String doubles(RankContext context, int length, int step) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = i + step + 1e9 * context.rank();
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(values, length);
      context.exchange().sum(flat);
      flat.data_ptr_double().get(values);
    }
    for (int i = 0; i < length; i++) {
      if (values[i] != 2.0 * (i + step) + 1e9) {
        return "double " + i + " of " + length + " is " + values[i];
      }
    }
    return "";
  }

  @Test
  void aKilledExecutorIsReplacedAndTheGangStartsAgain() {
    List<String> sums =
        gang("bigdl")
            .run(
                context -> {
                  if (context.attempt() == 0 && context.rank() == 1) {
                    floats(context, 7, 0);
                    Runtime.getRuntime().halt(137);
                  }
                  return floats(context, 7, 0) + floats(context, 7, context.attempt());
                });
    assertThat(sums).containsExactly("", "");
  }

  private static Gang gang(String exchange) {
    return new Gang(spark, new GangOptions(2, exchange, Duration.ofSeconds(30), false));
  }
}
