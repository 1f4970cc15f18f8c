package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.exchange.AloneExchange;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NativeRuntime;
import org.dapt.train.ModelDropout;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Training and decoding free all native memory that they take, at once: no scope is open around
 * them here, so whatever they left behind would be counted.
 */
class MemoryTest {
  private static final String MODEL = TinyStream.models().get(0);

  private static final int WINDOWS = 4;

  private static final long TOLERATED_BYTES_A_STEP = 16L << 10;
  private static final long TOLERATED_BYTES_OF_DECODING = 4L << 20;

  /** Of a window. The more there are, the less counts what is no leak. */
  private static final int STEPS = Boolean.getBoolean("dapt.slow") ? 250 : 100;

  /**
   * Whether all windows are looked at for pointers, also where the first one has shown no growth.
   */
  private static final boolean ALL = Boolean.getBoolean("dapt.slow");

  private static List<String> methods() {
    return TinyStream.learning().toList();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void isFlatOverManySteps(String method) throws InterruptedException {
    assertFlatOverManySteps(method, TinyStream.TRAINING);
  }

  @Test
  void isFlatOverManyStepsOfLayersThatAreComputedAgain() throws InterruptedException {
    ModelDropout dropout = new ModelDropout(0.1, 7, "later");
    assertFlatOverManySteps(
        "dapt-lora", new TrainerOptions(1e-2, 60, 0, Long.MAX_VALUE, dropout, true));
  }

  private static void assertFlatOverManySteps(String method, TrainerOptions options)
      throws InterruptedException {
    NativeRuntime.useThreads(1);
    try (TinyStream stream = new TinyStream(method, MODEL, ComputeType.FLOAT32)) {
      stream.learn(2);
      try (Learner learner = stream.begin("later");
          Trainer trainer = new Trainer(stream.backbone, learner, new AloneExchange(), options)) {
        List<Example> examples = stream.examples(3, 4);
        assertFlat(() -> trainer.step(examples), STEPS, STEPS, STEPS * TOLERATED_BYTES_A_STEP);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void isFlatOverTwoHundredDecodings(String method) throws InterruptedException {
    NativeRuntime.useThreads(1);
    try (TinyStream stream = new TinyStream(method, MODEL, ComputeType.FLOAT32)) {
      stream.learn(2);
      try (Predictor predictor = stream.restore(1)) {
        List<int[]> sources = TinyStream.sources(stream.examples(3, 4));
        GreedyDecoder decoder = new GreedyDecoder(stream.backbone, 10, 60);
        List<int[]> first = tokens(decoder.decode(sources, predictor));
        assertFlat(
            () ->
                assertThat(tokens(decoder.decode(sources, predictor)))
                    .usingRecursiveComparison()
                    .isEqualTo(first),
            50,
            50,
            TOLERATED_BYTES_OF_DECODING);
      }
    }
  }

  private static List<int[]> tokens(List<Decoded> decoded) {
    return decoded.stream().map(Decoded::tokens).toList();
  }

  /**
   * After a warm-up no call may leave a pointer. Leaked memory would add to every window of calls,
   * while Java's heap and compiler add only to some: one window in which memory hardly grows will
   * do.
   */
  private static void assertFlat(Runnable call, int warmUp, int callsPerWindow, long toleratedBytes)
      throws InterruptedException {
    for (int i = 0; i < warmUp; i++) {
      call.run();
    }
    collectGarbage();
    long pointers = Pointer.totalCount();
    long resident = NativeRuntime.residentBytes();
    long leastGrowth = Long.MAX_VALUE;
    for (int window = 0; window < WINDOWS && (ALL || leastGrowth >= toleratedBytes); window++) {
      for (int i = 0; i < callsPerWindow; i++) {
        call.run();
        // Fewer is no leak: on a busy machine the collector comes late to what earlier code left.
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(pointers);
        pointers = Pointer.totalCount();
      }
      collectGarbage();
      long now = NativeRuntime.residentBytes();
      leastGrowth = Math.min(leastGrowth, now - resident);
      resident = now;
    }
    assertThat(leastGrowth).isLessThan(toleratedBytes);
  }

  /** Until the pointers that earlier code left to the garbage collector are gone. */
  static void collectGarbage() throws InterruptedException {
    long before;
    do {
      before = Pointer.totalCount();
      System.gc();
      Thread.sleep(100);
    } while (Pointer.totalCount() < before);
  }
}
