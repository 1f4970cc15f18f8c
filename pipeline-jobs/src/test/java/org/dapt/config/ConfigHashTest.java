package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dapt.config.read.Reference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigHashTest {
  private static final Set<String> LEFT_OUT =
      Set.of(
          "run.dir",
          "run.data",
          "tasks.order",
          "evaluate.overlap",
          "checkpoint.steps",
          "checkpoint.interval",
          "checkpoint.kept",
          "metrics.json-lines",
          "metrics.tensorboard",
          "metrics.mlflow",
          "metrics.mlflow-experiment",
          "metrics.sinks",
          "train.ranks",
          "train.exchange",
          "train.exchange-timeout",
          "train.verify-frozen",
          "train.verify-ranks-every",
          "train.recompute",
          "train.rank-tokens-per-second",
          "model.shape",
          "model.device",
          "evaluate.single-task-run",
          "realign.engine",
          "realign.steps",
          "realign.learning-rate",
          "evaluate.unseen");

  /** With which a run may go on, though they are in the hashes of stored runs. */
  private static final Set<String> MAY_CHANGE =
      Set.of("tasks.root", "model.path", "train.micro-batch-tokens", "evaluate.batch-tokens");

  /** Values for keys whose default says too little to make another one. */
  private static final Map<String, String> OTHER =
      Map.ofEntries(
          Map.entry("model.dtype", "float64"),
          Map.entry("model.device", "cpu"),
          Map.entry("tasks.order", "a,b"),
          Map.entry("tasks.format", "long-sequence"),
          Map.entry("tasks.template", "long-sequence"),
          Map.entry("tasks.metric", "exact-match"),
          Map.entry("tasks.shards", "16"),
          Map.entry("method.name", "seq-lora"),
          Map.entry("reflection.source", "none"),
          Map.entry("reflection.average", "over-samples"),
          Map.entry("attention.center", "false"),
          Map.entry("attention.initial-key", "uniform"),
          Map.entry("attention.own-share", "0"),
          Map.entry("attention.learning-rate-factor", "1"),
          Map.entry("prompt.learning-rate-factor", "0"),
          Map.entry("attention.train-queries", "false"),
          Map.entry("attention.learning", "own-block"),
          Map.entry("attention.selection", "uniform"),
          Map.entry("lora.targets", "all-linear"),
          Map.entry("lora.init", "gaussian"),
          Map.entry("lora.rslora", "true"),
          Map.entry("lora.dropout", "0.1"),
          Map.entry("train.global-batch", "64"),
          Map.entry("train.schedule", "linear"),
          Map.entry("train.reference", "random"),
          Map.entry("train.select", "best-dev"),
          Map.entry("train.exchange", "gloo"),
          Map.entry("train.exchange-timeout", "7m"),
          Map.entry("model.dropout", "0.1"),
          Map.entry("tasks.begin-of-text", "false"),
          Map.entry("evaluate.clean-up-spaces", "true"),
          Map.entry("evaluate.overlap", "false"),
          Map.entry("evaluate.split", "dev"),
          Map.entry("checkpoint.interval", "5s"),
          Map.entry("metrics.mlflow", "https://other:5000"),
          Map.entry("metrics.mlflow-experiment", "other"),
          Map.entry("tasks.bad-rows", "skip"),
          Map.entry("metrics.sinks", "recording"),
          Map.entry("train.recompute", "true"),
          Map.entry("train.verify-frozen", "false"));

  static Stream<String> keys() {
    // Without further modules there is one engine, and no other value.
    return Reference.load().keys().keySet().stream().filter(key -> !key.equals("realign.engine"));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void theHashChangesWithTheKeysThatDecideWhatIsLearnt(String key) {
    var base =
        switch (key) {
          case "reflection.given" -> List.of("reflection.source=given", "reflection.given=/g");
          case "tasks.bad-rows" -> List.of("tasks.format=jsonl");
          case "train.patience" -> List.of("train.select=best-dev");
          default -> List.<String>of();
        };

    var before = Configs.of(base.toArray(String[]::new));
    var after =
        Configs.of(
            Stream.concat(base.stream(), Stream.of(key + "=" + other(key))).toArray(String[]::new));

    assertThat(after).isNotEqualTo(before);
    if (LEFT_OUT.contains(key)) {
      assertThat(after.hash()).isEqualTo(before.hash());
      assertThat(ConfigDifferences.between(before, after)).isEmpty();
    } else {
      assertThat(after.hash()).isNotEqualTo(before.hash());
      assertThat(after.asGoingOn(before).hash().equals(before.hash()))
          .isEqualTo(MAY_CHANGE.contains(key));
      if (MAY_CHANGE.contains(key)) {
        assertThat(ConfigDifferences.between(before, after)).isEmpty();
        return;
      }
      assertThat(ConfigDifferences.between(before, after))
          .singleElement()
          .asString()
          .startsWith(key + ": ");
    }
  }

  @Test
  void categoriesOfUnseenTasksAreReadBackAndTakeNoPart() {
    var filed = Configs.of("evaluate.categories.\"a.1\"=Summarization");
    assertThat(filed.evaluate().categories()).isEqualTo(Map.of("a.1", "Summarization"));
    assertThat(filed.hash()).isEqualTo(Configs.of().hash());
    assertThat(ConfigLoader.parse(filed.effective(), "run", List.of()).evaluate())
        .isEqualTo(filed.evaluate());
  }

  @Test
  void namesOfFieldsTakePartWhereTheyAreStated() {
    var rows = Configs.of("tasks.format=jsonl");
    var named = Configs.of("tasks.format=jsonl", "tasks.fields.input=question");
    assertThat(named.tasks().fields()).isEqualTo(Map.of("input", "question"));
    assertThat(named.hash()).isNotEqualTo(rows.hash());
    assertThat(ConfigDifferences.between(rows, named))
        .containsExactly("tasks.fields.input: not set in the run, question now");
    // Read from a run it is the same, and one without the section has no other hash.
    assertThat(ConfigLoader.parse(named.effective(), "run", List.of()).hash())
        .isEqualTo(named.hash());
    assertThat(ConfigLoader.parse(rows.effective(), "run", List.of()).hash())
        .isEqualTo(rows.hash());
  }

  @Test
  void whatIsLeftOutAreKeys() {
    assertThat(Reference.load().keys().keySet()).containsAll(LEFT_OUT).containsAll(MAY_CHANGE);
  }

  @Test
  void sparkKeysAreLeftOut() {
    assertThat(Configs.of("spark.master=local[7]").hash()).isEqualTo(Configs.of().hash());
  }

  @Test
  void orderAndFormattingAreIrrelevant() {
    var one =
        "lora { r = 4, alpha = 16 }\ntrain.learning-rate = 3e-4, train.exchange-timeout = 60s";
    var other =
        "train { learning-rate = \"0.00030\" }\n\n lora.alpha = 16.0 // text\nlora.\"r\" : 4";

    assertThat(ConfigLoader.parse(other, "b", Configs.with()).hash())
        .isEqualTo(ConfigLoader.parse(one, "a", Configs.with()).hash())
        .isNotEqualTo(Configs.of().hash())
        .matches("[0-9a-f]{64}");
  }

  @Test
  void aDocumentIsHashedByItsValues() {
    var hash = ConfigHash.of(ConfigFactory.parseString("a.b = 10, a.c = [x, y]"));

    assertThat(ConfigHash.of(ConfigFactory.parseString("a { c = [ \"x\", y ], b = 1.0e1 }")))
        .isEqualTo(hash);
    assertThat(ConfigHash.of(ConfigFactory.parseString("a.b = 10, a.c = [y, x]")))
        .isNotEqualTo(hash);
    assertThat(
            ConfigHash.of(
                ConfigFactory.parseString("a.b = 10, a.c = [x, y], run.dir = r, spark.q.r = 1")))
        .isEqualTo(hash);
  }

  @Test
  void theCanonicalFormStays() {
    // Stored runs are recognised by it. The lines are a.b=1E+1, a.c=["x","y"], a.d=0.0003,
    // a.e=null, a.f="t\\n".
    assertThat(
            ConfigHash.of(
                ConfigFactory.parseString(
                    "a { b = 10, c = [x, y], d = 3e-4, e = null, f = \"t\\n\" }")))
        .isEqualTo("3f3d32a443ebf0f5effcdc35ff8c03077b1db8e6b8b52920bb4ded7cfaa22c38");
  }

  @Test
  void differencesAreSortedLines() {
    var stored =
        Configs.of("train.epochs=10", "evaluate.batch-tokens=5", "tasks.order=a", "lora.alpha=8");
    var now =
        Configs.of(
            "train.epochs=20",
            "train.learning-rate=0.01",
            "reflection.source=given",
            "reflection.given=/g",
            "tasks.order=a,b",
            "lora.alpha=8.0",
            "evaluate.batch-tokens=5");

    assertThat(ConfigDifferences.between(stored, now))
        .containsExactly(
            "reflection.given: not set in the run, /g now",
            "reflection.source: train in the run, given now",
            "train.epochs: 10 in the run, 20 now",
            "train.learning-rate: 0.0003 in the run, 0.01 now");
  }

  private static String other(String key) {
    var value = Reference.load().keys().get(key).unwrapped();
    if (OTHER.containsKey(key)) {
      return OTHER.get(key);
    }
    if (value == null) {
      return "/other";
    }
    return value instanceof Integer number
        ? Integer.toString(number + 1)
        : Double.toString(((Number) value).doubleValue() / 2);
  }

  @Test
  void otherValuesAreOfKeys() {
    assertThat(keys().collect(Collectors.toSet())).containsAll(OTHER.keySet());
  }
}
