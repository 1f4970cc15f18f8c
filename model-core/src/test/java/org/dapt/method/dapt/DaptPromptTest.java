package org.dapt.method.dapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.error.InputException;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.TinyStream;
import org.dapt.pet.PromptBlock;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What soft prompts do to a model, beside what every method must keep. */
class DaptPromptTest {
  private static final int[] PROMPT = {7, 3, 11};

  private static List<String> models() {
    return TinyStream.models();
  }

  /** The only task's prompt, made of the embeddings of tokens, is the same as these tokens. */
  @ParameterizedTest
  @MethodSource("models")
  void aPromptOfEmbeddingsIsThoseTokensInFrontOfTheInput(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream("dapt-prompt", model, ComputeType.FLOAT64)) {
      List<Example> examples = stream.examples(1, 6);
      List<Example> longer =
          examples.stream()
              .map(example -> new Example(example.id(), join(example.source()), example.target()))
              .toList();
      Tensor prompt =
          stream.backbone.embed(
              stream.backbone.placement().indices(Arrays.stream(PROMPT).asLongStream().toArray()));
      GreedyDecoder decoder = new GreedyDecoder(stream.backbone, 12, 4096);
      try (Predictor prompted = restore(stream, prompt);
          Predictor bare = Predictor.NONE) {
        Tensor expected = stream.logits(bare, longer);
        double scale = Math.max(1, torch.abs(expected).max().item_double());
        assertThat(distance(stream.logits(prompted, examples), expected)).isLessThan(1e-12 * scale);
        assertThat(answers(decoder.decode(TinyStream.sources(examples), prompted)))
            .isEqualTo(answers(decoder.decode(TinyStream.sources(longer), bare)));
      }
    }
  }

  @Test
  void aPromptStartsAsEmbeddingsOfTokens() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("dapt-prompt", models().get(0), ComputeType.FLOAT32);
        Learner learner = stream.begin("first")) {
      int length = TinyStream.PROMPT_LENGTH;
      Tensor prompt = learner.learnt().block().get("prompt");
      assertThat(Tensors.shape(prompt)).containsExactly(length, stream.backbone.width());
      long[] all = IntStream.range(0, stream.backbone.vocabulary()).asLongStream().toArray();
      List<double[]> embeddings =
          rows(stream.backbone.embed(stream.backbone.placement().indices(all)));
      for (double[] row : rows(prompt)) {
        assertThat(embeddings).anySatisfy(embedding -> assertThat(row).isEqualTo(embedding));
      }
    }
  }

  /** In proportion to the embeddings' size, or as the task says; keys and queries know no size. */
  @Test
  void promptsHaveALearningRateOfTheirOwn() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("dapt-prompt", models().get(0), ComputeType.FLOAT32)) {
      double size = PromptBlock.size(stream.backbone);
      assertThat(rate(stream, 100, "block.prompt")).isCloseTo(100 * size * 1e-3, within(1e-9));
      assertThat(rate(stream, 0, "block.prompt")).isEqualTo(1e-3);
      assertThat(rate(stream, 100, "key")).isCloseTo(1e-4, within(1e-12));
    }
  }

  private static double rate(TinyStream stream, int factor, String parameter) {
    MethodContext context =
        new MethodContext(
            stream.backbone, TinyStream.options(1).with("prompt.learning-rate-factor", factor), 1);
    try (Learner learner = stream.method.begin(context, List.of(), "task", List.of())) {
      return learner.learningRate(parameter, 1e-3);
    }
  }

  @Test
  void aBlockOfAnotherShapeOrKindIsRefused() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("dapt-prompt", models().get(0), ComputeType.FLOAT32)) {
      Tensor longer = torch.zeros(5, stream.backbone.width());
      assertThatThrownBy(() -> restore(stream, longer))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("block of task only: the prompt has shape [5, ")
          .hasMessageContaining("expected [3, ")
          .hasMessageContaining("prompt.length");
      LearntTask foreign = new LearntTask("other", Map.of("q.lora_A", longer), Map.of(), List.of());
      assertThatThrownBy(() -> stream.method.restore(stream.context, List.of(foreign), "other"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("block of task other: holds no tensor prompt but [q.lora_A]");
    }
  }

  /** A model after one task with {@code prompt}. */
  private static Predictor restore(TinyStream stream, Tensor prompt) {
    try (Learner learner = stream.begin("only")) {
      LearntTask learnt =
          new LearntTask("only", Map.of("prompt", prompt), learner.learnt().attention(), List.of());
      return stream.method.restore(stream.context, List.of(learnt), "only");
    }
  }

  private static int[] join(int[] source) {
    return Stream.of(PROMPT, source).flatMapToInt(Arrays::stream).toArray();
  }

  private static List<List<Integer>> answers(List<Decoded> decoded) {
    return decoded.stream().map(answer -> Arrays.stream(answer.tokens()).boxed().toList()).toList();
  }

  private static List<double[]> rows(Tensor matrix) {
    List<double[]> rows = new ArrayList<>();
    for (long i = 0; i < matrix.size(0); i++) {
      rows.add(Tensors.toDoubles(matrix.select(0, i)));
    }
    return rows;
  }
}
