package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.dapt.error.ConfigException;
import org.dapt.metric.AnswerMetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is different for some tasks. */
class TaskOverrideTest {
  private static final String FILE =
      """
      train { epochs = 10, learning-rate = 3e-4 }
      tasks.overrides {
        a { max-steps = 7, learning-rate = 5e-5, metric = exact-match }
        "b.1 %20" { epochs = 2, template = "{input} ?", max-train = 160, max-dev = 0, max-test = 50 }
        c = null
        d { epochs = null }
      }
      """;

  @TempDir private Path folder;

  @Test
  void aTaskHasItsOwnAndOtherwiseWhatAllHave() {
    var config = Configs.inFile(folder, FILE);
    assertThat(config.tasks().overrides()).containsOnlyKeys("a", "b.1 %20");
    var a = config.forTask("a");
    assertThat(a.train().maxSteps()).isEqualTo(7);
    assertThat(a.train().epochs()).isEqualTo(10);
    assertThat(a.train().learningRate()).isEqualTo(5e-5);
    assertThat(config.metric("a")).isEqualTo(AnswerMetric.EXACT_MATCH);
    assertThat(a.tasks().template()).isEqualTo("super-ni");
    var b = config.forTask("b.1 %20");
    assertThat(b.train().epochs()).isEqualTo(2);
    assertThat(b.train().learningRate()).isEqualTo(3e-4);
    assertThat(b.tasks().template()).isEqualTo("{input} ?");
    assertThat(b.tasks().maxTrain()).isEqualTo(160);
    assertThat(b.tasks().maxDev()).isZero();
    assertThat(b.tasks().maxTest()).isEqualTo(50);
    assertThat(config.forTask("other")).isSameAs(config);
    assertThat(a.hash()).isEqualTo(config.hash());
  }

  @Test
  void whatIsStoredIsReadAgain() {
    var config = Configs.inFile(folder, FILE);
    var again = ConfigLoader.parse(config.effective(), "stored", Configs.with());
    assertThat(again.tasks().overrides()).isEqualTo(config.tasks().overrides());
    assertThat(again.hash()).isEqualTo(config.hash());
    assertThat(config.tasks().overrides().get("a").values())
        .isEqualTo(Map.of("max-steps", 7, "learning-rate", 5e-5, "metric", "exact-match"));
  }

  /** They are part of what a task is learnt from, not of what the run is. */
  @Test
  void theHashOfTheRunStays() {
    var config = Configs.inFile(folder, "tasks.overrides.a.epochs = 3");
    assertThat(config.hash()).isEqualTo(Configs.inFile(folder, "").hash());
    assertThat(ConfigDifferences.between(Configs.inFile(folder, ""), config)).isEmpty();
  }

  @Test
  void theCommandLineHasThemToo() {
    var config =
        Configs.of(
            "tasks.overrides.a.template={input} =",
            "tasks.overrides.a.epochs=3",
            "tasks.overrides.\"x.y\".learning-rate=1e-3",
            "tasks.overrides.001.metric=rouge-l-unicode");
    assertThat(config.forTask("a").tasks().template()).isEqualTo("{input} =");
    assertThat(config.forTask("a").train().epochs()).isEqualTo(3);
    assertThat(config.forTask("x.y").train().learningRate()).isEqualTo(1e-3);
    assertThat(config.metric("001")).isEqualTo(AnswerMetric.ROUGE_L_UNICODE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a { epoch = 3 } | tasks.overrides.a.epoch is nothing that a task can have of its own"
            + " | the nearest is epochs of epochs, learning-rate,",
        "a { lora.r = 3 } | tasks.overrides.a.lora is nothing that | max-train",
        "a { epochs = 0 } | tasks.overrides.a.epochs is 0 | expected a whole number",
        "a { metric = bleu } | tasks.overrides.a.metric is \"bleu\" | rouge-l",
        "a { template = none } | tasks.overrides.a.template is \"none\" | {input}",
        "a = 3 | tasks.overrides.a is 3 | a section of what is different",
        "\"../a\" { epochs = 3 } | tasks.overrides: '../a' in tasks.order is not a task name | folder"
      })
  void whatIsWrongIsNamed(String content, String what, String expected) {
    assertThatThrownBy(() -> Configs.inFile(folder, "tasks.overrides { " + content + " }"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(what)
        .hasMessageContaining(expected);
  }

  @Test
  void theSectionIsNoValue() {
    assertThatThrownBy(() -> Configs.inFile(folder, "tasks.overrides = 3"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tasks.overrides is a value");
  }
}
