package org.dapt.method.progprompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.error.InputException;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Sections;
import org.dapt.method.TinyStream;
import org.dapt.pet.PromptBlock;
import org.dapt.pet.PromptChain;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.dapt.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Progressive Prompts promises, beside what every method must keep. */
class ProgPromptTest {
  private static final List<int[]> PROMPTS =
      List.of(new int[] {7, 3, 11}, new int[] {5, 2, 9}, new int[] {8, 14, 6});

  private static List<String> models() {
    return TinyStream.models();
  }

  /** Prompts made of the embeddings of tokens are those tokens, the newest task's first. */
  @ParameterizedTest
  @MethodSource("models")
  void promptsStandInFrontOfTheInputTheNewestFirst(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = stream(model)) {
      List<LearntTask> learnt = new ArrayList<>();
      for (int[] tokens : PROMPTS) {
        learnt.add(task("task-" + learnt.size(), embeddings(stream, tokens)));
      }
      List<Example> examples = stream.examples(1, 6);
      GreedyDecoder decoder = new GreedyDecoder(stream.backbone, 12, 4096);
      for (int task = 0; task < PROMPTS.size(); task++) {
        List<Example> longer = new ArrayList<>();
        for (Example example : examples) {
          longer.add(new Example(example.id(), inFront(task, example.source()), example.target()));
        }
        try (Predictor prompted = restore(stream, learnt, "task-" + task)) {
          assertThat(prompted.prefixLength()).isEqualTo(3 * (task + 1));
          Tensor expected = stream.logits(Predictor.NONE, longer);
          double scale = Math.max(1, torch.abs(expected).max().item_double());
          assertThat(distance(stream.logits(prompted, examples), expected))
              .isLessThan(1e-12 * scale);
          assertThat(answers(decoder, examples, prompted))
              .isEqualTo(answers(decoder, longer, Predictor.NONE));
        }
      }
    }
  }

  /** Right after it was learnt and at the end of the stream: to the last bit. */
  @ParameterizedTest
  @MethodSource("models")
  void nothingOfATaskIsForgotten(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("prog-prompt", model, ComputeType.FLOAT32)) {
      stream.learn(3);
      List<Example> examples = stream.examples(5, 6);
      GreedyDecoder decoder = new GreedyDecoder(stream.backbone, 8, 4096);
      try (NoGradGuard guard = new NoGradGuard()) {
        for (int task = 0; task < 3; task++) {
          String name = stream.learnt.get(task).task();
          try (Predictor then = restore(stream, stream.learnt.subList(0, task + 1), name);
              Predictor atLast = restore(stream, stream.learnt, name)) {
            assertThat(Tensors.toDoubles(stream.logits(atLast, examples)))
                .isEqualTo(Tensors.toDoubles(stream.logits(then, examples)));
            assertThat(answers(decoder, examples, atLast))
                .isEqualTo(answers(decoder, examples, then));
          }
        }
      }
    }
  }

  /** A network learns with the prompt; what it makes of it is all that is kept. */
  @ParameterizedTest
  @MethodSource("models")
  void ofTheResidualNetworkNothingIsKept(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(model)) {
      Sections sections =
          TinyStream.options(1)
              .with("prompt.learning-rate-factor", 1)
              .with("method.options.residual", true)
              .with("method.options.bottleneck", 6);
      MethodContext context = new MethodContext(stream.backbone, sections, 1);
      List<LearntTask> older = List.of(task("older", embeddings(stream, PROMPTS.get(0))));
      List<Example> examples = stream.examples(3, 8);
      try (Learner learner = stream.method.begin(context, older, "later", List.of());
          Trainer trainer =
              new Trainer(stream.backbone, learner, new AloneExchange(), TinyStream.TRAINING)) {
        assertThat(learner.parameters().tensors()).hasSize(7);
        assertThat(
                stream.method.trained(
                    sections, stream.backbone.projections(), stream.backbone.width()))
            .hasValue(learner.parameters().size());
        Map<String, Tensor> start = learner.parameters().copies();
        double first = trainer.step(examples).loss();
        double last = first;
        for (int step = 0; step < 30; step++) {
          last = trainer.step(examples).loss();
        }
        assertThat(last).isLessThan(first);
        learner
            .parameters()
            .tensors()
            .forEach(
                (name, tensor) ->
                    assertThat(distance(tensor, start.get(name))).as(name).isPositive());
        LearntTask kept = learner.learnt();
        assertThat(kept.block()).containsOnlyKeys("prompt");
        assertThat(kept.attention()).isEmpty();
        assertThat(distance(kept.block().get("prompt"), learner.parameters().get("prompt")))
            .isPositive();
        // The run may go on without networks.
        try (NoGradGuard guard = new NoGradGuard();
            Predictor restored = restore(stream, List.of(older.get(0), kept), "later")) {
          assertThat(distance(stream.logits(restored, examples), stream.logits(learner, examples)))
              .isLessThan(1e-12);
        }
      }
    }
  }

  /**
   * A step moves a prompt by its share of the size of the embeddings, and a network by the rate.
   */
  @Test
  void promptsLearnInUnitsOfTheEmbeddings() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(models().get(0))) {
      long[] all = IntStream.range(0, stream.backbone.vocabulary()).asLongStream().toArray();
      Tensor embeddings = stream.backbone.embed(stream.backbone.placement().indices(all));
      double size = Math.sqrt(embeddings.square().mean().item_double());
      assertThat(PromptBlock.size(stream.backbone)).isBetween(0.99 * size, 1.01 * size);
      MethodContext context =
          new MethodContext(
              stream.backbone,
              TinyStream.options(1)
                  .with("method.options.residual", true)
                  .with("prompt.learning-rate-factor", 100),
              1);
      try (Learner learner = stream.method.begin(context, List.of(), "task", List.of())) {
        assertThat(learner.learningRate("prompt", 3e-4)).isBetween(0.029 * size, 0.031 * size);
        assertThat(learner.learningRate("network.up.weight", 3e-4)).isEqualTo(3e-4);
      }
    }
  }

  @Test
  void tasksAndPromptsThatAreNotThereAreRefused() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(models().get(0))) {
      LearntTask known = task("known", embeddings(stream, PROMPTS.get(0)));
      assertThatThrownBy(() -> restore(stream, List.of(known), "unknown"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("no prompt for inputs of the task unknown");
      LearntTask longer = task("longer", torch.zeros(5, stream.backbone.width()));
      assertThatThrownBy(() -> restore(stream, List.of(longer, known), "known"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("block of task longer: the prompt has shape [5, ")
          .hasMessageContaining("prompt.length");
    }
  }

  @Test
  void aChainGivesItsNewestPromptBackOnlyInFrontOfTheSameOnes() {
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> prompts = new ArrayList<>();
      for (double value = 1; value <= 3; value++) {
        prompts.add(torch.full(new long[] {2, 4}, new Scalar(value)));
      }
      Tensor chain = PromptChain.of(prompts);
      assertThat(Tensors.toDoubles(chain.select(1, 0))).containsExactly(3, 3, 2, 2, 1, 1);
      assertThat(distance(PromptChain.newest(chain, prompts.subList(0, 2), "a"), prompts.get(2)))
          .isZero();
      assertThatThrownBy(
              () ->
                  PromptChain.newest(chain, List.of(prompts.get(1), prompts.get(0)), "the adapter"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("the adapter: the prompt of its task stands in front of other");
    }
  }

  private static TinyStream stream(String model) {
    return new TinyStream("prog-prompt", model, ComputeType.FLOAT64);
  }

  private static Predictor restore(TinyStream stream, List<LearntTask> learnt, String task) {
    return stream.method.restore(stream.context, learnt, task);
  }

  private static LearntTask task(String name, Tensor prompt) {
    return new LearntTask(name, Map.of("prompt", prompt), Map.of(), List.of());
  }

  private static Tensor embeddings(TinyStream stream, int[] tokens) {
    return stream.backbone.embed(
        stream.backbone.placement().indices(Arrays.stream(tokens).asLongStream().toArray()));
  }

  private static int[] inFront(int task, int[] source) {
    IntStream tokens = IntStream.of(source);
    for (int i = 0; i <= task; i++) {
      tokens = IntStream.concat(IntStream.of(PROMPTS.get(i)), tokens);
    }
    return tokens.toArray();
  }

  private static List<List<Integer>> answers(
      GreedyDecoder decoder, List<Example> examples, Predictor predictor) {
    return decoder.decode(TinyStream.sources(examples), predictor).stream()
        .map(Decoded::tokens)
        .map(tokens -> Arrays.stream(tokens).boxed().toList())
        .toList();
  }
}
