package org.dapt.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.fixture.Fixtures;
import org.dapt.method.Predictor;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sampling from T5 and from a decoder-only model. */
class SamplerTest {
  private static final int[] PROMPT = {5, 9, 13};
  private static final int TOKENS = 12;

  @ParameterizedTest
  @ValueSource(strings = {"t5-v10-tiny", "llama-tiny"})
  void theLikeliestTokenAloneIsGreedyDecoding(String model) {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = load(model)) {
      int[] greedy =
          new GreedyDecoder(backbone, TOKENS, 4096)
              .decode(List.of(PROMPT), Predictor.NONE)
              .get(0)
              .tokens();
      for (int[] sample : sample(backbone, 1, 1, 3)) {
        assertThat(sample).isEqualTo(greedy);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5-v10-tiny", "llama-tiny"})
  void aGeneratorDecidesWhatIsDrawnAndDifferentOnesDrawDifferently(String model) {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = load(model)) {
      List<int[]> first = sample(backbone, 20, 1, 8);
      List<int[]> again = sample(backbone, 20, 1, 8);
      Set<List<Integer>> distinct = new HashSet<>();
      for (int i = 0; i < first.size(); i++) {
        assertThat(again.get(i)).isEqualTo(first.get(i));
        distinct.add(IntStream.of(first.get(i)).boxed().toList());
      }
      assertThat(distinct).hasSizeGreaterThan(4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5-v10-tiny", "llama-tiny"})
  void aHugePenaltyForbidsRepetition(String model) {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = load(model)) {
      for (int[] sample : sample(backbone, 5, 1e6, 8)) {
        assertThat(IntStream.of(sample).distinct().count()).isEqualTo(sample.length);
      }
    }
  }

  private static List<int[]> sample(Backbone backbone, int topK, double penalty, int count) {
    List<RandomGenerator> generators =
        IntStream.range(0, count).mapToObj(i -> KeyedRandom.of(3, "sampler-test", i)).toList();
    return new Sampler(backbone, TOKENS, topK, penalty).sample(PROMPT, Predictor.NONE, generators);
  }

  private static Backbone load(String model) {
    return Backbones.load(Fixtures.folder(model), Placement.cpu(ComputeType.FLOAT32));
  }
}
