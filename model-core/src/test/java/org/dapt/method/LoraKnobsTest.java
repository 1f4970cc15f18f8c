package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Projection;
import org.dapt.exchange.AloneExchange;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.dapt.train.BlockDropout;
import org.dapt.train.RateSchedule;
import org.dapt.train.StepReport;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks on all linear layers, with rsLoRA, another start and dropout. */
class LoraKnobsTest {
  private static final BlockDropout DROPOUT = new BlockDropout(0.3, 5, "task");

  private static Stream<Arguments> lora() {
    return ContinualMethods.names().stream()
        .filter(name -> ContinualMethods.named(name).block().hasMatrices())
        .flatMap(
            method ->
                Stream.of("t5-v10-tiny", "t5-v11-tiny", "llama-tiny")
                    .map(model -> Arguments.of(method, model)));
  }

  private static MethodContext context(TinyStream stream) {
    Sections sections =
        TinyStream.options(TinyStream.MAX_REPLAY_SAMPLES)
            .with("lora.targets", List.of("all-linear"))
            .with("lora.rslora", true)
            .with("lora.init", "gaussian");
    return new MethodContext(stream.backbone, sections, 1);
  }

  private static TrainerOptions options(BlockDropout dropout, boolean recompute) {
    return new TrainerOptions(1e-2, RateSchedule.CONSTANT, 0, 60, 0, 1, null, dropout, recompute);
  }

  /** What was learnt answers as it did while it was learnt, without dropout, behind a file. */
  @ParameterizedTest
  @MethodSource("lora")
  void everyMethodTakesThem(String method, String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream =
            new TinyStream(method, model, ComputeType.FLOAT32, 1, options(DROPOUT, false))) {
      MethodContext context = context(stream);
      List<LearntTask> learnt = new ArrayList<>();
      List<Example> examples = stream.examples(9, 4);
      for (int i = 0; i < 2; i++) {
        try (Learner learner = stream.method.begin(context, learnt, "task-" + i, List.of())) {
          stream.steps(learner, 3, i);
          learnt.add(stream.stored(learner.learnt()));
          if (i > 0 && stream.method.has(Trait.CHOOSES_BY_LAYER)) {
            // Learnt alone, it answers in the layers that choose it.
            continue;
          }
          try (Predictor predictor = stream.method.restore(context, learnt, "task-" + i)) {
            double[] before = Tensors.toDoubles(stream.logits(learner, examples));
            double largest = Arrays.stream(before).map(Math::abs).max().orElseThrow();
            // Blocks are added up in another order.
            assertThat(Tensors.toDoubles(stream.logits(predictor, examples)))
                .containsExactly(before, within(1e-4 * Math.max(1, largest)));
          }
        }
      }
      LoraBlock block = LoraBlock.of(learnt.get(1).block());
      for (Projection projection : stream.backbone.projections()) {
        assertThat(Tensors.shape(block.a(projection.name()))).containsExactly(4, projection.in());
        // All of them learn.
        assertThat(block.b(projection.name()).abs().sum().item_double()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"t5-v10-tiny", "t5-v11-tiny", "llama-tiny"})
  void anExampleLosesTheSameInEveryBatch(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("seq-lora", model, ComputeType.FLOAT64)) {
      MethodContext context = context(stream);
      List<LearntTask> learnt = new ArrayList<>();
      try (Learner first = stream.method.begin(context, learnt, "first", List.of())) {
        stream.steps(first, 2, 1);
        learnt.add(first.learnt());
      }
      List<Example> examples = stream.examples(5, 4);
      double together = loss(stream, context, learnt, DROPOUT, examples);
      double apart = 0;
      for (Example example : examples) {
        apart += loss(stream, context, learnt, DROPOUT, List.of(example));
      }
      assertThat(together).isCloseTo(apart, within(1e-9));
      assertThat(loss(stream, context, learnt, DROPOUT, examples)).isEqualTo(together);
      for (BlockDropout other :
          new BlockDropout[] {
            null, new BlockDropout(0.3, 6, "task"), new BlockDropout(0.3, 5, "other")
          }) {
        assertThat(Math.abs(loss(stream, context, learnt, other, examples) - together))
            .isGreaterThan(1e-6);
      }
    }
  }

  /** The summed cross-entropy of a first step. */
  private static double loss(
      TinyStream stream,
      MethodContext context,
      List<LearntTask> learnt,
      BlockDropout dropout,
      List<Example> examples) {
    try (Learner learner = stream.method.begin(context, learnt, "task", List.of());
        Trainer trainer =
            new Trainer(stream.backbone, learner, new AloneExchange(), options(dropout, false))) {
      StepReport report = trainer.step(examples);
      return report.crossEntropy() * report.targetTokens();
    }
  }

  @ParameterizedTest
  @CsvSource({"dapt-lora, t5-v11-tiny", "o-lora, llama-tiny"})
  void ranksAndLayersThatAreComputedAgainComeToTheSame(String method, String model)
      throws Exception {
    double[] alone = learn(method, model, new AloneExchange(), DROPOUT, false);
    assertThat(learn(method, model, new AloneExchange(), DROPOUT, true))
        .containsExactly(alone, within(1e-6));
    assertThat(learn(method, model, new AloneExchange(), null, false)).isNotEqualTo(alone);
    List<Future<double[]>> ranks =
        new ThreadGang("local", 2, Duration.ofSeconds(60))
            .start(exchange -> learn(method, model, exchange, DROPOUT, false));
    for (Future<double[]> rank : ranks) {
      assertThat(rank.get()).containsExactly(alone, within(1e-9));
    }
  }

  /** Soft prompts have no layer whose input could be dropped. */
  @Test
  void promptsAreLeftAlone() {
    assertThat(learn("dapt-prompt", "t5-v10-tiny", new AloneExchange(), DROPOUT, false))
        .isEqualTo(learn("dapt-prompt", "t5-v10-tiny", new AloneExchange(), null, false));
  }

  private static double[] learn(
      String method,
      String model,
      GradientExchange exchange,
      BlockDropout dropout,
      boolean recompute) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT64)) {
      MethodContext context = context(stream);
      List<LearntTask> learnt = new ArrayList<>();
      try (Learner first = stream.method.begin(context, learnt, "first", List.of())) {
        stream.steps(first, 2, 1);
        learnt.add(first.learnt());
      }
      try (Learner learner = stream.method.begin(context, learnt, "task", List.of());
          Trainer trainer =
              new Trainer(stream.backbone, learner, exchange, options(dropout, recompute))) {
        for (int step = 0; step < 3; step++) {
          List<Example> own = new ArrayList<>();
          List<Example> batch = stream.examples(step, 6);
          for (int i = exchange.rank(); i < batch.size(); i += exchange.ranks()) {
            own.add(batch.get(i));
          }
          trainer.step(own);
        }
        Tensor values = learner.parameters().values();
        return Tensors.toDoubles(values);
      }
    }
  }
}
