package org.dapt.backbone.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.fixture.GoldenTensors.distance;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Batch;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.Source;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenDecoding;
import org.dapt.fixture.GoldenGradients;
import org.dapt.fixture.GoldenTensors;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** T5 against the values of Transformers. */
class T5GoldenTest {
  private static Stream<Arguments> cases() {
    return Stream.of("t5-v10-tiny", "t5-v11-tiny")
        .flatMap(
            model ->
                Stream.of("config.json", "config.v4.json")
                    .flatMap(
                        config ->
                            Stream.of("short", "long")
                                .map(kind -> Arguments.of(model, config, kind))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hiddenStatesLogitsAndLoss(String model, String config, String kind) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        T5Backbone t5 = load(model, config)) {
      GoldenTensors golden = golden(model);
      Batch batch = batch(t5, golden, kind);
      Tensor encoded = t5.encode(batch.source(), Adaptation.NONE);
      Tensor expected = golden.get(kind + ".encoder_last_hidden_state");
      for (int i = 0; i < batch.source().size(); i++) {
        int length = batch.source().tokens().get(i).length;
        assertThat(
                distance(
                    encoded.select(0, i).narrow(0, 0, length),
                    expected.select(0, i).narrow(0, 0, length)))
            .isLessThan(1e-4);
      }
      Tensor logits = t5.targetLogits(batch, Adaptation.NONE);
      assertThat(distance(logits, golden.atLabels(kind + ".logits", kind + ".labels")))
          .isLessThan(1e-4);
      assertThat(GoldenGradients.loss(logits, batch).item_double())
          .isCloseTo(golden.scalar(kind + ".loss"), org.assertj.core.data.Offset.offset(1e-5));
    }
  }

  /**
   * Transformers in training, with each of its dropouts replaced by a product with 1.01, 1.02 and
   * so on, in the order in which they are called.
   */
  @ParameterizedTest
  @CsvSource({
    "t5-v10-tiny, short, 24, 13.29995",
    "t5-v10-tiny, long, 24, 11.56624",
    "t5-v11-tiny, short, 28, 12.87483",
    "t5-v11-tiny, long, 28, 12.16387"
  })
  void dropoutIsWhereTransformersHasIt(String model, String kind, int places, double loss) {
    assumeTrue(Fixtures.areOwn(), "these losses are of the project's own fixtures");
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        T5Backbone t5 = load(model, "config.json")) {
      Batch batch = batch(t5, golden(model), kind);
      CountedDropout counted = new CountedDropout();
      Tensor logits = t5.targetLogits(batch, counted);
      assertThat(counted.places).isEqualTo(places);
      assertThat(GoldenGradients.loss(logits, batch).item_double())
          .isCloseTo(loss, org.assertj.core.data.Offset.offset(1e-4));
    }
  }

  private static final class CountedDropout implements Adaptation, LayerDropout {
    private int places;

    @Override
    public LayerDropout dropout() {
      return this;
    }

    @Override
    public Tensor states(Tensor states, Positions positions) {
      return states.mul(new Scalar(1 + ++places / 100.0));
    }

    @Override
    public Tensor weights(Tensor weights, Positions queries, Positions keys) {
      assertThat(weights.dim()).isEqualTo(4);
      return weights.mul(new Scalar(1 + ++places / 100.0));
    }

    @Override
    public Runnable again() {
      int now = places;
      return () -> places = now;
    }

    @Override
    public Tensor adapt(String projection, Tensor x, Tensor output) {
      return output;
    }

    @Override
    public Effect effect(String projection) {
      return Effect.NONE;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradients(String model, String config, String kind) {
    try (PointerScope scope = new PointerScope();
        T5Backbone t5 = load(model, config)) {
      Batch batch = batch(t5, golden(model), kind);
      GoldenGradients.assertGradients(t5, t5.weights(), batch, model, kind);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void greedyDecoding(String model, String config, String kind) {
    try (PointerScope scope = new PointerScope();
        T5Backbone t5 = load(model, config)) {
      GoldenTensors golden = golden(model);
      List<int[]> sources = golden.rows(kind + ".input_ids", kind + ".attention_mask");
      // The first column is the start token.
      GoldenDecoding.assertAnswers(t5, sources, golden, kind, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5-v10-tiny", "t5-v11-tiny"})
  void bucketsOfRelativePositions(String model) {
    try (PointerScope scope = new PointerScope();
        ModelFolder folder = ModelFolder.open(Fixtures.folder(model))) {
      GoldenTensors golden = golden(model);
      T5Config config = T5Config.parse(folder.config(), folder.configFile());
      long[] distances = Tensors.toLongs(golden.get("buckets.distance"));
      for (boolean bidirectional : new boolean[] {true, false}) {
        long[] actual =
            Arrays.stream(distances)
                .map(
                    distance ->
                        RelativeBias.bucket(
                            (int) distance, bidirectional, config.buckets(), config.maxDistance()))
                .toArray();
        assertThat(actual)
            .isEqualTo(
                Tensors.toLongs(
                    golden.get(bidirectional ? "buckets.bidirectional" : "buckets.causal")));
      }
    }
  }

  private static T5Backbone load(String model, String config) {
    try (ModelFolder folder = ModelFolder.open(Fixtures.folder(model), config)) {
      return T5Backbone.load(folder, Placement.cpu(ComputeType.FLOAT32));
    }
  }

  private static GoldenTensors golden(String model) {
    return GoldenGradients.expected(model);
  }

  private static Batch batch(T5Backbone t5, GoldenTensors golden, String kind) {
    Source source = t5.source(golden.rows(kind + ".input_ids", kind + ".attention_mask"));
    return new Batch(source, golden.labels(kind + ".labels"));
  }
}
