package org.dapt.bigdl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.ConfigException;
import org.dapt.exchange.ExchangeProvider;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.Rendezvous;
import org.dapt.exchange.ThreadRendezvous;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;
import org.dapt.gang.TestSpark;
import org.dapt.method.ParameterSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What 16 bits of a number make of a sum, and where the exchanges are refused. */
class CompressionTest {
  private static final int LENGTH = 5_003;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void aSumIsOffByAsMuchAsTheGuideSays(int ranks) {
    List<float[]> sums;
    try (JavaSparkContext spark = TestSpark.local(ranks)) {
      GangOptions options = new GangOptions(ranks, "bigdl-fp16", Duration.ofSeconds(30), false);
      sums = new Gang(spark, options).run(context -> sum(context.exchange()));
    }
    assertThat(sums).hasSize(ranks).allSatisfy(sum -> assertThat(sum).isEqualTo(sums.get(0)));
    List<float[]> numbers = IntStream.range(0, ranks).mapToObj(CompressionTest::numbers).toList();
    double largest = 0;
    for (int i = 0; i < LENGTH; i++) {
      float expected = 0;
      double exact = 0;
      double sizes = 0;
      // What a step sums behind its gradients is exact.
      boolean last = i >= LENGTH - ParameterSet.SPARE_SUMS;
      for (int rank = 0; rank < ranks; rank++) {
        float number = numbers.get(rank)[i];
        expected = last ? expected + number : upperHalf(expected + upperHalf(number));
        exact += number;
        sizes += Math.abs(number);
      }
      assertThat(sums.get(0)[i]).isEqualTo(expected);
      double error = Math.abs(exact - expected) / sizes;
      assertThat(error).isLessThan(ranks / 128.0);
      largest = Math.max(largest, error);
    }
    // It is no exact sum.
    assertThat(largest).isGreaterThan(0.003);
  }

  @Test
  void ranksThatAreNoSparkTasksAreRefused() {
    try (JavaSparkContext spark = TestSpark.local(1)) {
      assertThatThrownBy(
              () -> open("bigdl", new ThreadRendezvous(1, Duration.ofSeconds(1)).seat(0)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("rank 0 is no Spark task of that number");
    }
  }

  @ParameterizedTest
  @CsvSource({"bigdl", "bigdl-fp16"})
  void outsideOfSparkBothAreRefused(String name) {
    TestSpark.release();
    assertThatThrownBy(() -> open(name, new ThreadRendezvous(1, Duration.ofSeconds(1)).seat(0)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("train.exchange is \"" + name + "\"")
        .hasMessageContaining("does not run inside Spark");
  }

  @Test
  void moreRanksThanCanBeCheckedAreRefused() {
    ThreadRendezvous many = new ThreadRendezvous(129, Duration.ofSeconds(1));
    assertThatThrownBy(() -> open("bigdl-fp16", many.seat(128)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("there are 129 ranks", "up to 128", "\"bigdl\"");
  }

  private static void open(String name, Rendezvous rendezvous) {
    ExchangeProvider.named(name).open(rendezvous).close();
  }

  private static float[] sum(GradientExchange exchange) {
    float[] values = numbers(exchange.rank());
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = Tensor.create(values, values.length);
      exchange.sum(flat);
      flat.data_ptr_float().get(values);
    }
    return values;
  }

  private static float[] numbers(int rank) {
    Random random = new Random(rank);
    float[] numbers = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      numbers[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(7) - 5));
    }
    return numbers;
  }

  private static float upperHalf(float number) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(number) & 0xffff0000);
  }
}
