package org.dapt.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Decoding;
import org.dapt.fixture.Fixtures;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoding a batch whose examples end one after the other. */
class DecodingLoopTest {
  private static final int EXAMPLES = 12;

  /** What belongs to the loop itself: the rows that go on. */
  private static final int POINTERS_OF_AN_END = 2;

  @ParameterizedTest
  @ValueSource(strings = {"t5-v10-tiny", "llama-tiny"})
  void whatAnExampleKeptIsFreedWhenItEnds(String model) {
    Placement placement = Placement.cpu(ComputeType.FLOAT32);
    List<Long> pointers = new ArrayList<>();
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope();
        Backbone backbone = Backbones.load(Fixtures.folder(model), placement)) {
      List<int[]> sources =
          IntStream.range(0, EXAMPLES).mapToObj(i -> IntStream.range(3, 5 + i).toArray()).toList();
      List<List<Integer>> answers = new ArrayList<>();
      sources.forEach(source -> answers.add(new ArrayList<>()));
      try (Decoding decoding = backbone.decode(backbone.source(sources), Adaptation.NONE)) {
        new DecodingLoop(EXAMPLES + 1, Set.of(1), placement)
            .extend(
                decoding,
                answers,
                (logits, alive) -> {
                  pointers.add(Pointer.totalCount());
                  // In every step one of them ends.
                  return IntStream.range(0, alive.length).mapToLong(i -> i == 0 ? 1 : 7).toArray();
                });
      }
      assertThat(answers).extracting(List::size).containsExactly(ends());
    }
    assertThat(pointers).hasSize(EXAMPLES);
    // From the second step on, when all there is to keep is there.
    assertThat(pointers.get(EXAMPLES - 1) - pointers.get(2))
        .isLessThanOrEqualTo((EXAMPLES - 3) * POINTERS_OF_AN_END);
  }

  private static Integer[] ends() {
    return IntStream.range(0, EXAMPLES).boxed().toArray(Integer[]::new);
  }
}
