package org.dapt.backbone.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Decoding;
import org.dapt.fixture.Fixtures;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Token by token, logits are those of the whole sequence at once. */
class LlamaDecodingTest {
  /** More than the memory of keys and values grows by at a time. */
  private static final int TOKENS = 80;

  private final Random random = new Random(5);

  @ParameterizedTest
  @ValueSource(strings = {"llama-tiny", "llama3-tiny"})
  void logitsAreThoseOfTheWholeSequence(String model) {
    Placement placement = Placement.cpu(ComputeType.FLOAT64);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        LlamaBackbone llama =
            LlamaBackbone.load(
                ModelFolder.open(Fixtures.folder(model), "config.json"), placement)) {
      List<int[]> prompts = List.of(ids(7), ids(3), ids(31));
      List<int[]> answers = List.of(ids(TOKENS), ids(TOKENS), ids(TOKENS));
      Tensor expected =
          llama
              .targetLogits(new Batch(llama.source(prompts), answers), Adaptation.NONE)
              .view(prompts.size(), TOKENS, llama.vocabulary());
      List<Integer> alive = new ArrayList<>(List.of(0, 1, 2));
      try (Decoding decoding = llama.decode(llama.source(prompts), Adaptation.NONE)) {
        Tensor logits = decoding.first();
        for (int at = 0; at < TOKENS; at++) {
          Tensor rows = placement.indices(alive.stream().mapToLong(i -> i).toArray());
          assertThat(distance(logits, expected.select(1, at).index_select(0, rows)))
              .isLessThan(1e-11);
          if (at == 40) {
            decoding.select(placement.indices(0, 2));
            alive.remove(1);
          }
          int now = at;
          long[] last = alive.stream().mapToLong(i -> answers.get(i)[now]).toArray();
          logits = decoding.step(placement.indices(last));
        }
      }
    }
  }

  private int[] ids(int length) {
    return random.ints(length, 3, 60).toArray();
  }
}
