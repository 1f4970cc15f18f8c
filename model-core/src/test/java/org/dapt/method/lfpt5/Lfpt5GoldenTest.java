package org.dapt.method.lfpt5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.fixture.GoldenTensors.distance;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Source;
import org.dapt.exchange.AloneExchange;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenTensors;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Sections;
import org.dapt.pet.PromptBlock;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.train.StepReport;
import org.dapt.train.Steps;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LFPT5 against a reference in PyTorch. */
class Lfpt5GoldenTest {
  private static final Placement PLACEMENT = Placement.cpu(ComputeType.FLOAT64);

  private static Stream<Path> divergences() {
    return cases().filter(folder -> !info(folder).has("base") && hasTensors(folder));
  }

  private static Stream<Path> models() {
    return cases().filter(folder -> info(folder).has("base"));
  }

  private static Stream<Path> cases() {
    return Fixtures.cases("method-lfpt5").stream();
  }

  private static JsonNode info(Path folder) {
    return Fixtures.json(folder.resolve("info.json"));
  }

  private static boolean hasTensors(Path folder) {
    return folder.resolve("given.safetensors").toFile().exists();
  }

  @ParameterizedTest
  @MethodSource("divergences")
  void divergenceAndItsGradient(Path folder) {
    try (PointerScope scope = new PointerScope()) {
      Case golden = new Case(folder);
      Tensor mask = golden.given.get("mask");
      Tensor current = golden.given.get("current").requires_grad_(true);
      Tensor each = Divergence.each(golden.given.get("previous"), current).mul(mask);
      golden.assertSame(each, "each");
      golden.assertSame(each.sum().unsqueeze(0), "kl");
      each.sum().backward();
      golden.assertSame(current.grad(), "grad.current");
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void lossesOfABatchAndTheirGradients(Path folder) {
    try (PointerScope scope = new PointerScope()) {
      Case golden = new Case(folder);
      try (Backbone backbone = Backbones.load(Fixtures.folder(golden.text("base")), PLACEMENT)) {
        Step whole = golden.step(backbone, 1_000_000, Map.of());
        // Micro-batches of one or two examples come to the same.
        for (Step step : List.of(whole, golden.step(backbone, 12, Map.of()))) {
          golden.assertSame(step.report.crossEntropy(), "loss.task");
          golden.assertSame(step.report.terms().get("generator"), "loss.generator");
          golden.assertSame(step.report.terms().get("divergence") / golden.repeated(), "loss.kl");
          golden.assertSame(step.report.loss(), "loss.total");
          golden.assertSame(step.gradient, "grad.total.prompt");
        }
        golden.assertSame(whole.logits, golden.expected.atLabels("logits", "labels"), "logits");

        double lambda = golden.number("lambda_kl");
        Step mean = golden.step(backbone, 1_000_000, Map.of("divergence", "mean"));
        golden.assertSame(
            mean.report.terms().get("divergence") * golden.scalar("loss.kl_tokens"), "loss.kl");
        double factor = lambda / (1 - lambda) / golden.repeated();
        Step published =
            golden.step(
                backbone,
                1_000_000,
                Map.of("weights", "published", "lambda-kl", factor / (1 + factor)));
        golden.assertSame((1 - lambda) * published.report.loss(), "loss.total_published");

        // What one term adds to the gradient.
        Step none = golden.step(backbone, 1_000_000, Map.of("lambda-lm", 0.0, "lambda-kl", 0.0));
        Step generator =
            golden.step(backbone, 1_000_000, Map.of("lambda-lm", 1.0, "lambda-kl", 0.0));
        golden.assertSame(generator.gradient.sub(none.gradient), "grad.generator.prompt");
        Step half = golden.step(backbone, 1_000_000, Map.of("lambda-lm", 0.0, "lambda-kl", 0.5));
        Tensor ofHalf = half.gradient.sub(none.gradient);
        golden.assertSame(ofHalf.mul(new Scalar(2.0 / golden.repeated())), "grad.kl.prompt");
      }
    }
  }

  /** A step that was not taken. */
  private record Step(StepReport report, Tensor gradient, Tensor logits) {}

  /** One folder of the fixture. */
  private static final class Case {
    final JsonNode info;
    final GoldenTensors given;
    final GoldenTensors expected;

    Case(Path folder) {
      info = info(folder);
      given = GoldenTensors.read(folder.resolve("given.safetensors"), PLACEMENT);
      Map<String, Tensor> read =
          new HashMap<>(
              GoldenTensors.read(folder.resolve("expected.safetensors"), PLACEMENT).all());
      if (given.has("task.labels")) {
        read.put("labels", given.get("task.labels"));
      }
      expected = GoldenTensors.of(read);
    }

    String text(String key) {
      return info.get(key).textValue();
    }

    double number(String key) {
      return info.get(key).doubleValue();
    }

    double scalar(String name) {
      return expected.scalar(name);
    }

    Step step(Backbone backbone, int microBatchTokens, Map<String, Object> options) {
      Map<String, Object> settings = new HashMap<>();
      settings.put("prompt.length", info.get("prompt_length").intValue());
      settings.put("method.options.lambda-lm", number("lambda_lm"));
      settings.put("method.options.lambda-kl", number("lambda_kl") / repeated());
      options.forEach((name, value) -> settings.put("method.options." + name, value));
      MethodContext context = new MethodContext(backbone, Sections.of(settings), 1);
      LearntTask before =
          new LearntTask(
              "before",
              Map.of(PromptBlock.PROMPT, given.get("prompt.previous")),
              Map.of(),
              List.of());
      List<Example> examples = examples();
      try (Learner learner = new Lfpt5().begin(context, List.of(before), "task", List.of());
          Trainer trainer =
              new Trainer(
                  backbone,
                  learner,
                  new AloneExchange(),
                  new TrainerOptions(1e-3, microBatchTokens, 0))) {
        Tensor logits;
        try (NoGradGuard guard = new NoGradGuard()) {
          learner.parameters().get(PromptBlock.PROMPT).copy_(given.get("prompt"));
          List<Example> once = examples.subList(0, examples.size() / repeated());
          Source source = backbone.source(once.stream().map(Example::source).toList());
          logits =
              backbone.targetLogits(
                  new Batch(source, once.stream().map(Example::target).toList()),
                  learner.adapt(source));
        }
        StepReport report = Steps.gradients(trainer, examples);
        return new Step(
            report, learner.parameters().get(PromptBlock.PROMPT).grad().clone(), logits);
      }
    }

    /**
     * How often the batch is taken, so that every text of the generator goes with an example: means
     * stay, and sums are so many times those of the batch.
     */
    int repeated() {
      long examples = given.get("task.labels").size(0);
      return (int) ((given.get("generator.labels").size(0) + examples - 1) / examples);
    }

    /** The batch, the generator's spread over the first of its examples. */
    private List<Example> examples() {
      List<int[]> sources = given.rows("task.input_ids", "task.attention_mask");
      List<int[]> targets = given.labels("task.labels");
      List<int[]> requests = given.rows("generator.input_ids", "generator.attention_mask");
      List<int[]> texts = given.labels("generator.labels");
      Tensor replayed = given.get("task.replayed");
      List<Example> examples = new ArrayList<>();
      for (int i = 0; i < repeated() * sources.size(); i++) {
        int row = i % sources.size();
        examples.add(
            new Example(
                "example-" + i,
                i,
                sources.get(row),
                targets.get(row),
                replayed.select(0, row).item_double() != 0,
                i < texts.size() ? new Example("text-" + i, requests.get(i), texts.get(i)) : null));
      }
      return examples;
    }

    void assertSame(double actual, String name) {
      double golden = scalar(name);
      assertThat(Math.abs(actual - golden)).as(name).isLessThan(tolerance(Math.abs(golden)));
    }

    void assertSame(Tensor actual, String name) {
      assertSame(actual, expected.get(name), name);
    }

    void assertSame(Tensor actual, Tensor golden, String name) {
      assertThat(distance(actual, golden))
          .as(name)
          .isLessThan(tolerance(torch.abs(golden).max().item_double()));
    }

    private double tolerance(double largest) {
      return info.get("tolerance").get("float64").doubleValue() * Math.max(1, largest);
    }
  }
}
