package org.dapt.backbone.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.fixture.Fixtures;
import org.dapt.io.ModelFolder;
import org.dapt.pet.DroppedInput;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both groupings of the products are one function, in float64 up to roundings. */
class T5CrossAttentionTest {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT64);
  private static final double ROUNDINGS = 1e-11;

  private final Random random = new Random(7);

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3})
  void bothGroupingsGiveEqualValuesAndGradients(double dropout) {
    try (PointerScope scope = new PointerScope();
        T5Backbone t5 = load()) {
      T5CrossAttention cross = t5.decoder().get(1).cross();
      Source source = t5.source(List.of(ids(9), ids(5), ids(7)));
      LoraBlock newest = block(t5);
      newest.tensors().values().forEach(tensor -> tensor.requires_grad_(true));
      try (LoraBank bank = new LoraBank(HOST, adapted(t5), List.of(block(t5)), newest, 32)) {
        List<Random> generators = List.of(new Random(1), new Random(2), new Random(3));
        Adaptation adaptation =
            DroppedInput.of(bank.mix(tensor(3, 2)), adapted(t5), dropout, generators, HOST);
        Tensor encoded = tensor(3, 9, t5.width()).requires_grad_(true);
        Tensor x = tensor(3, 4, t5.width()).requires_grad_(true);
        Tensor mask = mask(source);
        Tensor grouped = cross.attend(x, cross.memory(encoded, adaptation), mask, adaptation);
        Tensor weight = tensor(3, 4, t5.width());
        List<Tensor> learnt = new ArrayList<>(newest.tensors().values());
        learnt.add(encoded);
        learnt.add(x);
        List<Tensor> expected = gradients(grouped.mul(weight).sum(), learnt);
        Tensor regrouped = cross.attend(x, encoded, mask, adaptation);
        assertThat(distance(regrouped, grouped)).isLessThan(ROUNDINGS);
        List<Tensor> actual = gradients(regrouped.mul(weight).sum(), learnt);
        for (int i = 0; i < learnt.size(); i++) {
          assertThat(actual.get(i) == null).isEqualTo(expected.get(i) == null);
          if (actual.get(i) != null) {
            assertThat(distance(actual.get(i), expected.get(i))).isLessThan(ROUNDINGS);
          }
        }
        assertThat(distance(actual.get(learnt.size() - 2), tensor(3, 9, t5.width())))
            .as("the gradient of the encoder's output is no zero")
            .isGreaterThan(0.01);
      }
    }
  }

  @Test
  void regroupsShortAnswersOnlyAndOnlyWhereTheAdaptationAllowsIt() {
    try (PointerScope scope = new PointerScope();
        T5Backbone t5 = load()) {
      T5CrossAttention cross = t5.decoder().get(0).cross();
      assertThat(cross.cheaperRegrouped(2, 60, Adaptation.NONE)).isTrue();
      assertThat(cross.cheaperRegrouped(60, 60, Adaptation.NONE)).isFalse();
      Adaptation unknown = (projection, x, output) -> output.relu();
      assertThat(cross.cheaperRegrouped(2, 60, unknown)).isFalse();
      List<Projection> keys =
          t5.projections().stream().filter(projection -> projection.role().equals("k")).toList();
      LoraBlock block = LoraBlock.initial(keys, 2, new Random(1), HOST);
      try (LoraBank bank = new LoraBank(HOST, keys, List.of(block), null, 32)) {
        assertThat(cross.cheaperRegrouped(2, 60, bank.mix(tensor(1, 1)))).isFalse();
      }
    }
  }

  /** The answer is long enough for keys and values to be made on the way. */
  @Test
  void stepsOfDecodingGiveTheLogitsOfTheWholeAnswer() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        T5Backbone t5 = load();
        LoraBank bank = new LoraBank(HOST, adapted(t5), List.of(block(t5), block(t5)), null, 32)) {
      Source source = t5.source(List.of(ids(40), ids(33)));
      int[] answer = ids(12);
      Adaptation adaptation = bank.mix(tensor(2, 2));
      assertThat(t5.decoder().get(0).cross().cheaperRegrouped(1, 40, adaptation)).isTrue();
      assertThat(t5.decoder().get(0).cross().cheaperRegrouped(12, 40, adaptation)).isFalse();
      Tensor whole =
          t5.targetLogits(new Batch(source, List.of(answer, answer)), adaptation).view(2, 12, -1);
      try (Decoding decoding = t5.decode(source, adaptation)) {
        Tensor logits = decoding.first();
        for (int i = 0; i < answer.length; i++) {
          assertThat(distance(logits, whole.select(1, i))).isLessThan(ROUNDINGS);
          logits = decoding.step(t5.placement().indices(answer[i], answer[i]));
        }
      }
    }
  }

  private static List<Tensor> gradients(Tensor loss, List<Tensor> of) {
    loss.backward();
    List<Tensor> gradients = new ArrayList<>();
    for (Tensor tensor : of) {
      Tensor gradient = tensor.grad();
      gradients.add(gradient.defined() ? gradient.clone() : null);
      if (gradient.defined()) {
        gradient.zero_();
      }
    }
    return gradients;
  }

  private static Tensor mask(Source source) {
    Tensor mask = torch.zeros(new long[] {3, 1, 1, 9}, new TensorOptions(ScalarType.Double));
    return mask.masked_fill_(
        source.padding().unsqueeze(1).unsqueeze(1), new Scalar(Double.NEGATIVE_INFINITY));
  }

  private static List<Projection> adapted(T5Backbone t5) {
    return t5.projections().stream()
        .filter(projection -> List.of("q", "v").contains(projection.role()))
        .toList();
  }

  private LoraBlock block(T5Backbone t5) {
    Map<String, Tensor> tensors = new HashMap<>();
    LoraBlock.initial(adapted(t5), 2, random, HOST)
        .tensors()
        .forEach(
            (name, tensor) ->
                tensors.put(name, tensor(Tensors.shape(tensor)).mul_(new Scalar(0.1))));
    return LoraBlock.of(tensors);
  }

  private Tensor tensor(long... shape) {
    long size = 1;
    for (long length : shape) {
      size *= length;
    }
    return Tensor.create(random.doubles(size, -1, 1).toArray(), shape);
  }

  private int[] ids(int length) {
    return random.ints(length, 3, 500).toArray();
  }

  private static T5Backbone load() {
    try (ModelFolder folder = ModelFolder.open(Fixtures.folder("t5-v10-tiny"))) {
      return T5Backbone.load(folder, HOST);
    }
  }
}
