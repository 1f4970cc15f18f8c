package org.dapt.method.subspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Observed;
import org.dapt.backbone.Projection;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.Passes;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class InputMomentsTest {
  /**
   * Every layer's sum is that of its own inputs, example by example, where nothing is padded: so
   * padding adds nothing, and layers that are said to share an input do.
   */
  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void areThoseOfEveryLayerAtRealTokens(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream("inf-lora", model, ComputeType.FLOAT64)) {
      Backbone backbone = stream.backbone;
      List<Example> examples = stream.examples(3, 7);
      Map<String, Tensor> found = sums(backbone, examples, 1L << 27, new ArrayList<>());
      Map<String, Tensor> expected = new TreeMap<>();
      for (Example example : examples) {
        Batch alone =
            new Batch(backbone.source(List.of(example.source())), List.of(example.target()));
        Map<String, Integer> names = new HashMap<>();
        backbone.projections().forEach(projection -> names.put(projection.name(), 0));
        backbone.targetLogits(
            alone,
            new Observed(
                Adaptation.NONE,
                names.keySet(),
                (projection, x, output) -> {
                  Tensor rows = x.reshape(-1, x.size(2));
                  Tensor sum = rows.t().matmul(rows);
                  scope.attach(sum);
                  expected.merge(projection, sum, (a, b) -> scoped(scope, a.add(b)));
                }));
      }
      assertThat(expected).hasSize(backbone.projections().size());
      for (Projection projection : backbone.projections()) {
        Tensor golden = expected.get(projection.name());
        Tensor sum = found.get(backbone.input(projection).name());
        double scale = Math.max(1, golden.abs().max().item_double());
        assertThat(distance(sum, golden)).as(projection.name()).isLessThan(1e-11 * scale);
      }
    }
  }

  /** What would be too much at once is seen in several passes, with the same bits. */
  @ParameterizedTest
  @CsvSource({"t5-v10-tiny", "llama-tiny"})
  void partsAreThoseOfTheWhole(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream("inf-lora", model, ComputeType.FLOAT32)) {
      List<Example> examples = stream.examples(3, 7);
      List<Integer> entries = new ArrayList<>();
      Map<String, Tensor> whole = sums(stream.backbone, examples, 1L << 27, entries);
      assertThat(entries).hasSize(1);
      List<Integer> parts = new ArrayList<>();
      long most = entries.get(0) / 3;
      Map<String, Tensor> cut = sums(stream.backbone, examples, most, parts);
      assertThat(parts).hasSizeGreaterThan(2).allMatch(part -> part <= most);
      assertThat(parts.stream().mapToInt(part -> part).sum()).isEqualTo(entries.get(0));
      assertThat(cut.keySet()).isEqualTo(whole.keySet());
      whole.forEach(
          (name, sum) ->
              assertThat(Tensors.toDoubles(cut.get(name))).isEqualTo(Tensors.toDoubles(sum)));
      // One that is too large by itself is a pass of its own.
      List<Integer> single = new ArrayList<>();
      sums(stream.backbone, examples, 1, single);
      assertThat(single).hasSameSizeAs(whole.keySet());
    }
  }

  private static Map<String, Tensor> sums(
      Backbone backbone, List<Example> examples, long most, List<Integer> entries) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    List<InputPass> passes =
        InputMoments.of(
            backbone,
            backbone.projections(),
            source -> Adaptation.NONE,
            (name, sum) -> assertThat(found.put(name, Scopes.keep(sum.clone()))).isNull(),
            most);
    for (InputPass pass = Passes.inTurn(passes); pass != null; pass = pass.then()) {
      Tensor sums = backbone.placement().host().zeros(ScalarType.Double, pass.entries());
      // As a pass over shards has them, several batches after each other.
      for (List<Example> some : List.of(examples.subList(0, 3), examples.subList(3, 7))) {
        sums.add_(pass.of(backbone.source(some.stream().map(Example::source).toList()), some));
      }
      entries.add(pass.entries());
      pass.take(sums);
    }
    PointerScope outer = PointerScope.getInnerScope();
    found
        .values()
        .forEach(
            sum -> {
              outer.attach(sum);
              Scopes.release(sum);
            });
    return found;
  }

  private static Tensor scoped(PointerScope scope, Tensor tensor) {
    scope.attach(tensor);
    return tensor;
  }
}
