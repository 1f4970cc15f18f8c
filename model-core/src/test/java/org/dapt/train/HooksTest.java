package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Observed;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.BatchTerm;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.ParameterSet;
import org.dapt.method.StepTerm;
import org.dapt.method.TinyStream;
import org.dapt.method.UpdateRule;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a method may add to a step, beside what the behavioural suite sees of it. */
class HooksTest {
  private static final String MODEL = "t5-v10-tiny";

  private static List<String> models() {
    return TinyStream.models();
  }

  @Test
  void aRuleDecidesWhatBecomesOfUpdates() {
    Map<String, double[]> whole = update(null);
    Map<String, double[]> half = update((name, update) -> update.mul(new Scalar(0.5)));
    whole.forEach(
        (name, update) -> {
          double[] expected = update.clone();
          for (int i = 0; i < expected.length; i++) {
            expected[i] /= 2;
          }
          assertThat(half.get(name)).as(name).containsExactly(expected, within(1e-15));
        });
    Map<String, double[]> some =
        update((name, update) -> name.endsWith("A") ? update.zero_() : update);
    some.forEach(
        (name, update) ->
            assertThat(update)
                .as(name)
                .isEqualTo(name.endsWith("A") ? new double[update.length] : whole.get(name)));
  }

  @Test
  void termsNeedNamesThatAreColumns() {
    for (String name : List.of("loss", "Norm", "z-loss", "seconds", "")) {
      assertThatThrownBy(
              () -> learner(List.of(), List.of(new StepTerm(name, 1, step -> null)), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is called '" + name + "'");
    }
    BatchTerm term = new BatchTerm("extra", 1, List::size, forward -> forward.logits().sum());
    assertThatThrownBy(() -> learner(List.of(term, term, term, term, term, term), List.of(), null))
        .hasMessageContaining("6 terms of the batch, at most 5");
  }

  /** A term whose count is 0 in all of a batch takes no part; factor and value are told apart. */
  @Test
  void aTermOfTheBatchIsAMeanOverWhatItCounts() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("seq-lora", MODEL, ComputeType.FLOAT64);
        Learner plain = stream.begin("task")) {
      List<BatchTerm> terms =
          List.of(
              new BatchTerm("tokens", 2, HooksTest::sourceTokens, HooksTest::halfOfSourceTokens),
              new BatchTerm("nothing", 3, examples -> 0, forward -> null));
      Trainer trainer =
          new Trainer(
              stream.backbone,
              new Hooked(plain, terms, List.of(), null),
              new AloneExchange(),
              new TrainerOptions(1e-2, 20, 0));
      StepReport report = trainer.step(stream.examples(3, 9));
      assertThat(report.terms()).hasSize(2).containsEntry("nothing", 0.0);
      assertThat(report.terms().get("tokens")).isCloseTo(0.5, within(1e-12));
      assertThat(report.loss()).isCloseTo(report.crossEntropy() + 2 * 0.5, within(1e-12));
      trainer.close();
    }
  }

  /** A sum is divided by nothing, however the batch is cut, and so is its gradient. */
  @Test
  void aTermOfTheBatchMayBeASum() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("seq-lora", MODEL, ComputeType.FLOAT64);
        Learner plain = stream.begin("task")) {
      List<Example> examples = stream.examples(3, 9);
      List<BatchTerm> terms =
          List.of(
              new BatchTerm("logits", 2, true, List::size, forward -> forward.logits().sum()),
              new BatchTerm("mean", 2, List::size, forward -> forward.logits().sum()));
      for (int microBatchTokens : new int[] {20, 1_000}) {
        try (Trainer trainer =
            new Trainer(
                stream.backbone,
                new Hooked(plain, terms, List.of(), null),
                new AloneExchange(),
                new TrainerOptions(1e-2, microBatchTokens, 0))) {
          StepReport report = trainer.gradients(examples);
          double sum = report.terms().get("logits");
          assertThat(report.terms().get("mean")).isCloseTo(sum / 9, within(1e-9));
          assertThat(report.loss())
              .isCloseTo(report.crossEntropy() + 2 * sum + 2 * sum / 9, within(1e-9));
        }
      }
    }
  }

  /** Inputs and outputs of a projection that is looked at are those of its product. */
  @ParameterizedTest
  @MethodSource("models")
  void whatGoesThroughAProjectionCanBeLookedAt(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream("seq-lora", model, ComputeType.FLOAT64)) {
      List<Projection> all = stream.backbone.projections();
      Projection first = all.get(0);
      Projection last = all.get(all.size() - 1);
      Source source = stream.backbone.source(List.of(new int[] {3, 4, 5}, new int[] {6, 1}));
      Map<String, List<Tensor>> seen = new HashMap<>();
      Adaptation observed =
          new Observed(
              Adaptation.NONE,
              Set.of(first.name(), last.name()),
              (name, x, output) ->
                  seen.computeIfAbsent(name, any -> new ArrayList<>()).addAll(List.of(x, output)));
      Tensor states = stream.backbone.encode(source, observed);
      assertThat(Tensors.toDoubles(states))
          .isEqualTo(Tensors.toDoubles(stream.backbone.encode(source, Adaptation.NONE)));
      assertThat(Tensors.shape(states)).containsExactly(2, 3, stream.backbone.width());
      assertThat(seen).containsKey(first.name());
      assertThat(Tensors.shape(seen.get(first.name()).get(0))).containsExactly(2, 3, first.in());
      assertThat(Tensors.shape(seen.get(first.name()).get(1))).containsExactly(2, 3, first.out());
      // Of an encoder and decoder the latter has no part in it.
      assertThat(seen.containsKey(last.name())).isEqualTo(model.startsWith("llama"));
      // The states of an example are its own, whatever stands beside it.
      Tensor alone =
          stream.backbone.encode(
              stream.backbone.source(List.of(new int[] {6, 1})), Adaptation.NONE);
      assertThat(Tensors.toDoubles(states.select(0, 1).narrow(0, 0, 2)))
          .containsExactly(Tensors.toDoubles(alone), within(1e-10));
    }
  }

  private static long sourceTokens(List<Example> examples) {
    return examples.stream().mapToLong(example -> example.source().length).sum();
  }

  private static Tensor halfOfSourceTokens(BatchTerm.Forward forward) {
    double half = sourceTokens(forward.examples()) / 2.0;
    return forward.logits().sum().mul(new Scalar(0.0)).add(new Scalar(half));
  }

  private static void learner(List<BatchTerm> terms, List<StepTerm> stepTerms, UpdateRule rule) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("seq-lora", MODEL, ComputeType.FLOAT64);
        Learner plain = stream.begin("task")) {
      new Trainer(
              stream.backbone,
              new Hooked(plain, terms, stepTerms, rule),
              new AloneExchange(),
              TinyStream.TRAINING)
          .close();
    }
  }

  /** What a step changes of each parameter. */
  private static Map<String, double[]> update(UpdateRule rule) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("seq-lora", MODEL, ComputeType.FLOAT64);
        Learner plain = stream.begin("task");
        Trainer trainer =
            new Trainer(
                stream.backbone,
                new Hooked(plain, List.of(), List.of(), rule),
                new AloneExchange(),
                TinyStream.TRAINING)) {
      Map<String, Tensor> before = plain.parameters().copies();
      trainer.step(stream.examples(3, 4));
      Map<String, double[]> updates = new HashMap<>();
      before.forEach(
          (name, old) ->
              updates.put(name, Tensors.toDoubles(plain.parameters().get(name).sub(old))));
      return updates;
    }
  }

  /** A learner with more to it. */
  private record Hooked(
      Learner plain, List<BatchTerm> batchTerms, List<StepTerm> stepTerms, UpdateRule updateRule)
      implements Learner {
    @Override
    public ParameterSet parameters() {
      return plain.parameters();
    }

    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return plain.adapt(source, weights);
    }

    @Override
    public LearntTask learnt() {
      return plain.learnt();
    }

    @Override
    public void close() {}
  }
}
