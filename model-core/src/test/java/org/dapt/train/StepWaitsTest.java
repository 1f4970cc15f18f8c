package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.dapt.backbone.MicroBatches;
import org.dapt.error.TrainingException;
import org.dapt.exchange.AloneExchange;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.FakeAccelerator;
import org.dapt.tensor.FakeAccelerator.Counter;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A step does not wait for its device. */
class StepWaitsTest {
  /**
   * Copies to the device for a micro-batch: the ids of the sources and their lengths; what the
   * decoder, or a model without one, reads; the positions of the answers in it, and their ids.
   */
  private static final int COPIES = 5;

  /**
   * As many times that many where a method makes examples up: their texts go through the model,
   * too, and some of the examples with an older block.
   */
  private static final int PASSES_WITH_RECOLLECTION = 3;

  /** A draw of replayed inputs: which ones, and what each counts. */
  private static final int COPIES_OF_A_DRAW = 2;

  /** As a run that clips. */
  private static final TrainerOptions TRAINING = new TrainerOptions(1e-3, 60, 0.5);

  @BeforeAll
  static void load() {
    assumeThat(FakeAccelerator.runsHere()).isTrue();
    FakeAccelerator.load();
  }

  private static List<Arguments> methodsAndModels() {
    List<Arguments> all = new ArrayList<>();
    for (String method : TinyStream.learning().toList()) {
      for (String model : List.of("t5-v10-tiny", "llama-tiny")) {
        all.add(Arguments.of(method, model));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("methodsAndModels")
  void nothingIsReadUntilReportsAreAskedFor(String method, String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(method, model)) {
      stream.learn(2, 1);
      try (Learner learner = stream.begin("later");
          Trainer trainer = new Trainer(stream.backbone, learner, new AloneExchange(), TRAINING)) {
        List<Example> batch = stream.examples(1, TinyStream.BATCH);
        boolean recollects = stream.method.recollection(stream.context.sections()) != null;
        int copies = COPIES * (recollects ? PASSES_WITH_RECOLLECTION : 1);
        int microBatches = batches(learner, batch);
        trainer.step(batch);
        FakeAccelerator.reset();
        for (int step = 0; step < 3; step++) {
          trainer.take(batch);
        }
        Map<Counter, Long> taken = FakeAccelerator.counts();
        assertThat(taken)
            .containsEntry(Counter.NUMBERS_READ, 0L)
            .containsEntry(Counter.TO_HOST, 0L)
            .containsEntry(Counter.SYNCHRONISATIONS, 0L)
            .containsEntry(Counter.WAITS, 0L);
        assertThat(taken.get(Counter.OPERATIONS)).isPositive();
        assertThat(taken.get(Counter.TO_DEVICE))
            .isPositive()
            .isLessThanOrEqualTo(3L * (microBatches * copies + COPIES_OF_A_DRAW));
        FakeAccelerator.reset();
        assertThat(trainer.reports()).extracting(StepReport::step).containsExactly(2L, 3L, 4L);
        assertThat(FakeAccelerator.counts())
            .containsEntry(Counter.NUMBERS_READ, 0L)
            .containsEntry(Counter.TO_HOST, 1L)
            .containsEntry(Counter.TO_DEVICE, 0L);
      }
    }
  }

  @Test
  void sixteenStepsAreRecordedTogether() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream("seq-lora", "t5-v10-tiny");
        Learner learner = stream.begin("task");
        Trainer trainer = new Trainer(stream.backbone, learner, new AloneExchange(), TRAINING)) {
      List<StepRecord> records = new ArrayList<>();
      List<Long> seen = new ArrayList<>();
      StepLog log =
          new StepLog(
              trainer, records, record -> seen.add(record.report().step()), Double.MAX_VALUE);
      for (int step = 1; step <= 16; step++) {
        assertThat(log.isDue()).isFalse();
        assertThat(records).isEmpty();
        log.take(stream.examples(step, 2));
      }
      assertThat(log.isDue()).isTrue();
      FakeAccelerator.reset();
      log.write();
      assertThat(FakeAccelerator.counts()).containsEntry(Counter.TO_HOST, 1L);
      assertThat(seen).hasSize(16).isSorted().startsWith(1L);
      assertThat(records).hasSize(16);
      assertThat(records).extracting(StepRecord::seconds).containsOnly(records.get(0).seconds());
      assertThat(records.get(0).seconds()).isPositive();
      log.write();
      assertThat(records).hasSize(16);
      // A slow device is asked more often.
      StepLog slow = new StepLog(trainer, records, record -> {}, 0);
      slow.take(stream.examples(17, 2));
      assertThat(slow.isDue()).isTrue();
    }
  }

  /** The counters belong to the process: both ranks' copies are in them. */
  @Test
  void ranksCopyTheirGradientsOnceThereAndOnceBack() throws Exception {
    int steps = 3;
    List<Future<Integer>> ranks =
        new ThreadGang("local", 2, Duration.ofSeconds(60))
            .start(
                exchange -> {
                  try (PointerScope scope = new PointerScope();
                      TinyStream stream = stream("dapt-lora", "t5-v10-tiny");
                      Learner learner = stream.begin("task");
                      Trainer trainer = new Trainer(stream.backbone, learner, exchange, TRAINING)) {
                    List<Example> batch = stream.examples(exchange.rank(), 4);
                    // The first step compares the ranks.
                    trainer.take(batch);
                    together(exchange, stream);
                    if (exchange.rank() == 0) {
                      FakeAccelerator.reset();
                    }
                    together(exchange, stream);
                    for (int step = 0; step < steps; step++) {
                      trainer.take(batch);
                    }
                    together(exchange, stream);
                    return batches(learner, batch);
                  }
                });
    int microBatches = 0;
    for (Future<Integer> rank : ranks) {
      microBatches += rank.get();
    }
    Map<Counter, Long> counts = FakeAccelerator.counts();
    assertThat(counts)
        .containsEntry(Counter.NUMBERS_READ, 0L)
        .containsEntry(Counter.TO_HOST, 2L * steps)
        // One has to wait for what is to be summed.
        .containsEntry(Counter.WAITS, 2L * steps);
    assertThat(counts.get(Counter.TO_DEVICE))
        .isGreaterThan(2L * steps)
        .isLessThanOrEqualTo(steps * ((long) microBatches * COPIES + 2));
  }

  /** Nothing of it is kept: whoever asks for the state learns of it. */
  @Test
  void aLossThatIsNotFiniteIsNoticedWithItsStepAndExamplesBeforeAnythingIsKept() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream("seq-lora", "t5-v10-tiny");
        Learner learner = stream.begin("task");
        Trainer trainer = new Trainer(stream.backbone, learner, new AloneExchange(), TRAINING)) {
      trainer.take(stream.examples(1, 2));
      try (NoGradGuard guard = new NoGradGuard()) {
        learner.parameters().values().fill_(new Scalar(Double.NaN));
      }
      trainer.take(stream.examples(2, 1));
      trainer.take(stream.examples(3, 3));
      assertThatThrownBy(trainer::state)
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining(
              "Training diverged in step 2: the loss of the examples example-0 on rank 0 is NaN");
    }
  }

  /** With peers it is noticed in the step itself, and they are released. */
  @Test
  void aRankWhoseLossIsNotFiniteTellsBeforeItSums() {
    List<Future<Void>> ranks =
        new ThreadGang("local", 2, Duration.ofSeconds(60))
            .start(
                exchange -> {
                  try (PointerScope scope = new PointerScope();
                      TinyStream stream = stream("seq-lora", "llama-tiny");
                      Learner learner = stream.begin("task");
                      Trainer trainer =
                          new Trainer(
                              stream.backbone,
                              learner,
                              exchange,
                              new TrainerOptions(1e-3, 60, 0, 0, null, false))) {
                    if (exchange.rank() == 1) {
                      try (NoGradGuard guard = new NoGradGuard()) {
                        learner.parameters().values().fill_(new Scalar(Double.NaN));
                      }
                    }
                    trainer.take(stream.examples(2, 1));
                    return null;
                  }
                });
    assertThatThrownBy(() -> ranks.get(1).get())
        .hasMessageContaining("diverged in step 1")
        .hasMessageContaining("example-0 on rank 1");
    assertThatThrownBy(() -> ranks.get(0).get()).hasMessageContaining("rank 1 has left");
  }

  private static void together(GradientExchange exchange, TinyStream stream) {
    exchange.sum(stream.backbone.placement().host().zeros(stream.backbone.placement().learnt(), 1));
  }

  private static int batches(Learner learner, List<Example> examples) {
    return MicroBatches.byLength(
            examples,
            example ->
                Math.max(learner.prefixLength() + example.source().length, example.longestSide()),
            TRAINING.microBatchTokens())
        .size();
  }

  private static TinyStream stream(String method, String model) {
    return new TinyStream(
        method,
        model,
        new Placement(FakeAccelerator.DEVICE, ComputeType.FLOAT32),
        1,
        TinyStream.TRAINING,
        1);
  }
}
