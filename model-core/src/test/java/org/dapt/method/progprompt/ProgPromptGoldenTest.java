package org.dapt.method.progprompt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.exchange.AloneExchange;
import org.dapt.fixture.GoldenCase;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.method.Sections;
import org.dapt.pet.PromptChain;
import org.dapt.tensor.ComputeType;
import org.dapt.train.StepReport;
import org.dapt.train.Steps;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Progressive Prompts against a reference in PyTorch. */
class ProgPromptGoldenTest {
  private static final String CHAIN = "prefix.";
  private static final String KEPT = "kept.0";
  private static final String PROMPT = "prompt";

  private static Stream<Arguments> parts() {
    return GoldenCase.all("method-prog-prompt", false);
  }

  private static Stream<Arguments> models() {
    return GoldenCase.all("method-prog-prompt", true);
  }

  /** The order of the prompts, or the residual network with its gradients. */
  @ParameterizedTest
  @MethodSource("parts")
  void chainsAndNetwork(Path folder, ComputeType type) {
    try (PointerScope scope = new PointerScope()) {
      GoldenCase golden = new GoldenCase(folder, type);
      int tasks = golden.info.get("tasks").intValue();
      if (golden.expected.has(KEPT)) {
        assertNetwork(golden);
      } else {
        assertThat(golden.expected.under(CHAIN)).hasSize(tasks);
        for (int task = 0; task < tasks; task++) {
          golden.assertSame(PromptChain.of(prompts(golden, task + 1)), CHAIN + task);
        }
      }
    }
  }

  /** The method as it learns: behind frozen prompts of earlier tasks, by the trainer. */
  @ParameterizedTest
  @MethodSource("models")
  void logitsLossAndGradients(Path folder, ComputeType type) {
    try (PointerScope scope = new PointerScope()) {
      GoldenCase golden = new GoldenCase(folder, type);
      int newest = golden.info.get("tasks").intValue() - 1;
      List<LearntTask> learnt = new ArrayList<>();
      for (Tensor prompt : prompts(golden, newest)) {
        learnt.add(
            new LearntTask("task " + learnt.size(), Map.of(PROMPT, prompt), Map.of(), List.of()));
      }
      try (Backbone backbone = golden.backbone();
          Learner learner =
              new ProgPrompt().begin(context(golden, backbone), learnt, "newest", List.of());
          Trainer trainer =
              new Trainer(
                  backbone, learner, new AloneExchange(), new TrainerOptions(1e-3, 1_000_000, 0))) {
        Map<String, Tensor> parameters = learner.parameters().tensors();
        Map<String, String> names = new LinkedHashMap<>();
        parameters
            .keySet()
            .forEach(name -> names.put(name, name.equals(PROMPT) ? "prompt." + newest : name));
        try (NoGradGuard guard = new NoGradGuard()) {
          names.forEach((own, name) -> parameters.get(own).copy_(golden.given.get(name)));
          Batch batch = golden.batch(backbone);
          golden.assertLogits(backbone.targetLogits(batch, learner.adapt(batch.source())));
        }
        StepReport report = Steps.gradients(trainer, golden.examples());
        golden.assertSame(report.loss(), "loss.ce");
        assertThat(names.values())
            .containsExactlyInAnyOrderElementsOf(golden.expected.under("grad.").keySet());
        names.forEach((own, name) -> golden.assertSame(parameters.get(own).grad(), "grad." + name));
      }
    }
  }

  private static void assertNetwork(GoldenCase golden) {
    Map<String, Tensor> learnt = new LinkedHashMap<>(golden.given.all());
    learnt.keySet().removeIf(name -> !golden.expected.has("grad." + name));
    try (ParameterSet parameters = new ParameterSet(learnt, golden.placement)) {
      Tensor kept = ResidualNetwork.of(parameters.tensors()).apply(parameters.get("prompt.0"));
      golden.assertSame(kept, KEPT);
      kept.mul(golden.given.get("cotangent")).sum().backward();
      assertThat(golden.expected.under("grad.")).hasSameSizeAs(learnt);
      learnt
          .keySet()
          .forEach(name -> golden.assertSame(parameters.get(name).grad(), "grad." + name));
    }
  }

  private static List<Tensor> prompts(GoldenCase golden, int count) {
    List<Tensor> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      prompts.add(golden.given.get("prompt." + i));
    }
    return prompts;
  }

  private static MethodContext context(GoldenCase golden, Backbone backbone) {
    boolean residual = golden.info.get("residual").booleanValue();
    Sections sections =
        Sections.of(Map.of("prompt.length", golden.info.get("prompt_length").intValue()))
            .with("method.options.residual", residual);
    return new MethodContext(
        backbone,
        residual
            ? sections.with(
                "method.options.bottleneck", golden.given.get("network.down.bias").size(0))
            : sections,
        1);
  }
}
