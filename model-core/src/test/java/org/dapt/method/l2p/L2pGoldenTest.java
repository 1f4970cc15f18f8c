package org.dapt.method.l2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.exchange.AloneExchange;
import org.dapt.fixture.GoldenCase;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.method.Sections;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.dapt.train.StepReport;
import org.dapt.train.Steps;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** L2P against a reference in PyTorch: the pool alone, and with a model. */
class L2pGoldenTest {
  private static Stream<Arguments> pools() {
    return GoldenCase.all("method-l2p", false);
  }

  private static Stream<Arguments> models() {
    return GoldenCase.all("method-l2p", true);
  }

  @ParameterizedTest
  @MethodSource("pools")
  void similaritiesChoicePrefixAndPull(Path folder, ComputeType type) {
    try (PointerScope scope = new PointerScope()) {
      GoldenCase golden = new GoldenCase(folder, type);
      try (ParameterSet parameters = new ParameterSet(pool(golden), golden.placement)) {
        PromptPool pool = PromptPool.of(parameters.tensors());
        Tensor similarity = pool.similarity(golden.given.get("query"));
        golden.assertSame(similarity, "similarity");
        Tensor chosen = PromptPool.chosen(similarity, top(golden));
        golden.assertExact(chosen, "chosen");
        golden.assertSame(pool.prefix(chosen), "prefix");
        Tensor pull = PromptPool.pull(similarity, chosen).div(new Scalar((double) chosen.size(0)));
        golden.assertSame(pull.reshape(1), "pull");
        Tensor term = pull.mul(new Scalar(-factor(golden)));
        golden.assertSame(term.reshape(1), "term");
        term.backward();
        golden.assertSame(parameters.get(PromptPool.KEYS).grad(), "grad.pool.keys");
        assertThat(Tensors.toDoubles(parameters.get(PromptPool.PROMPTS).grad())).containsOnly(0);
      }
    }
  }

  /** The method as it learns: by the trainer, with the term's mean over examples. */
  @ParameterizedTest
  @MethodSource("models")
  void queriesLogitsLossesAndGradients(Path folder, ComputeType type) {
    try (PointerScope scope = new PointerScope()) {
      GoldenCase golden = new GoldenCase(folder, type);
      PromptPool given = PromptPool.of(pool(golden));
      try (Backbone backbone = golden.backbone();
          L2pLearner learner = new L2pLearner(context(golden, backbone), given, "golden");
          Trainer trainer =
              new Trainer(
                  backbone, learner, new AloneExchange(), new TrainerOptions(1e-3, 1_000_000, 0))) {
        try (NoGradGuard guard = new NoGradGuard()) {
          Batch batch = golden.batch(backbone);
          Tensor query = backbone.meanState(batch.source());
          golden.assertSame(query, "query");
          Tensor similarity = given.similarity(query);
          golden.assertSame(similarity, "similarity");
          golden.assertExact(PromptPool.chosen(similarity, top(golden)), "chosen");
          golden.assertLogits(backbone.targetLogits(batch, learner.adapt(batch.source())));
        }
        StepReport report = Steps.gradients(trainer, golden.examples());
        golden.assertSame(report.crossEntropy(), "loss.ce");
        golden.assertSame(report.terms().get("pull"), "loss.pull");
        golden.assertSame(report.loss(), "loss.total");
        for (String name : List.of(PromptPool.KEYS, PromptPool.PROMPTS)) {
          golden.assertSame(learner.parameters().get(name).grad(), "grad." + name);
        }
      }
    }
  }

  private static int top(GoldenCase golden) {
    return golden.info.get("top").intValue();
  }

  private static double factor(GoldenCase golden) {
    return golden.info.get("pull_factor").doubleValue();
  }

  private static Map<String, Tensor> pool(GoldenCase golden) {
    return new PromptPool(golden.given.get(PromptPool.PROMPTS), golden.given.get(PromptPool.KEYS))
        .tensors();
  }

  private static MethodContext context(GoldenCase golden, Backbone backbone) {
    Tensor prompts = golden.given.get(PromptPool.PROMPTS);
    return new MethodContext(
        backbone,
        Sections.of(
            Map.of(
                "prompt.length", prompts.size(1),
                "method.options.pool", prompts.size(0),
                "method.options.top", top(golden),
                "method.options.pull-factor", factor(golden))),
        1);
  }
}
