package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dapt.cli.exit.Interruption;
import org.dapt.config.key.TypedSettings;
import org.dapt.config.read.Problems;
import org.dapt.config.read.Redaction;
import org.dapt.config.read.Reference;
import org.dapt.config.read.SettingPaths;
import org.dapt.config.read.SettingReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EffectiveConfigTest {
  @Test
  void everyKeyOfTheReferenceIsReadAndNoOther() {
    var reference = Reference.load();
    var in =
        new SettingReader(
            reference.config().root(), new SettingPaths(Path.of("/")), new Problems());

    ConfigLoader.read(in, Map.of());

    assertThat(in.values().keysRead())
        .containsExactlyInAnyOrderElementsOf(reference.keys().keySet());
  }

  @Test
  void everyKeyOfTheReferenceIsAComponentOfARecordAndViceVersa() {
    assertThat(TypedSettings.of(Configs.of()).keySet())
        .containsExactlyElementsOf(Reference.load().keys().keySet());
  }

  @Test
  void theEffectiveConfigurationIsReadAsTheSame() {
    var config =
        Configs.of(
            "tasks.order=task one,b",
            "tasks.template=\"{definition}\\n\\t\\\"{input}\\\" ${x} # \"",
            "run.seed=-7",
            "run.dir=hdfs://n:1/a b",
            "lora.alpha=0.1",
            "train.learning-rate=1e-7",
            "train.exchange-timeout=1500ms",
            "evaluate.single-task-run=/b",
            "reflection.source=given",
            "reflection.given=/g",
            "spark.master=local[2]",
            "spark.speculation=true",
            "spark.speculation.interval=1s");

    assertThat(ConfigLoader.parse(config.effective(), "config.conf", List.of())).isEqualTo(config);
    assertThat(ConfigLoader.parse(Configs.of().effective(), "config.conf", List.of()))
        .isEqualTo(Configs.of());
  }

  @Test
  void theEffectiveConfigurationIsSortedAndComplete() {
    var text = Configs.of("spark.b=1", "spark.a=2").effective();

    assertThat(ConfigFactory.parseString(text).root().keySet())
        .containsExactlyInAnyOrderElementsOf(Reference.load().config().root().keySet());
    assertThat(text.lines().filter(line -> line.matches("[a-z].*\\{")))
        .isSorted()
        .hasSize(Reference.load().config().root().size());
    assertThat(text).containsSubsequence("spark {", "a=", "b=").contains("max-source-tokens=512");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.authenticate.secret",
        "spark.ssl.keyPassword",
        "spark.ssl.key-password",
        "spark.hadoop.fs.s3a.access.key",
        "spark.hadoop.fs.s3a.secret.key",
        "spark.hadoop.fs.s3a.session.token",
        "spark.hadoop.fs.azure.account.key.a.b",
        "spark.hadoop.hadoop.security.credential.provider.path",
        "spark.redis.mytoken",
        "spark.x.TOKEN",
      })
  void secretsAreNotShown(String key) {
    var config = Configs.of(key + "=s3cr3t", "spark.shown=seen");

    assertThat(config.spark()).containsEntry(key, "s3cr3t");
    assertThat(config.effective()).doesNotContain("s3cr3t").contains("***", "seen");
    assertThat(config.toString()).doesNotContain("s3cr3t");
  }

  @Test
  void textsAndNamesOfTheUserAreStoredAsTheyAre() {
    var config =
        Configs.of(
            "tasks.order=\"token_classification,password\"",
            "tasks.format=jsonl",
            "tasks.template=\"Tokens: {input}\\nTags token=x: \"",
            "tasks.fields.input=\"access_token\"",
            "tasks.overrides.token_classification.epochs=3",
            "tasks.overrides.password.template=\"Secret: {input} a://b:c@d\"",
            "evaluate.categories.token_classification=\"token: tags\"",
            "evaluate.categories.password=words");

    assertThat(config.effective()).doesNotContain("***");
    assertThat(config.settings())
        .containsEntry("tasks.template", "Tokens: {input}\nTags token=x: ")
        .containsEntry("tasks.overrides.token_classification.epochs", "3");
    assertThat(ConfigLoader.parse(config.effective(), "config.conf", List.of())).isEqualTo(config);
  }

  @Test
  void secretsInAddressesAreNotShown() {
    var config = Configs.of("metrics.mlflow=\"https://host/api?token=s3cr3t\"");

    assertThat(config.effective()).doesNotContain("s3cr3t");
    assertThat(config.settings()).containsEntry("metrics.mlflow", "https://host/api?token=***");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tasks.max-source-tokens",
        "spark.tokens",
        "spark.tokenizer.path",
        "spark.executor.keys",
        "spark.secretary"
      })
  void ordinaryWordsAreNoSecrets(String key) {
    assertThat(Redaction.looksSecret(key)).isFalse();
  }

  @Test
  void aStoppedCommandIsShownWithoutSecrets() {
    assertThat(
            Interruption.message(
                "dapt-submit --conf spark.hadoop.fs.s3a.secret.key=abc123 --",
                "run",
                "-D",
                "spark.hadoop.fs.s3a.access.key=def456",
                "-D",
                "tasks.template=Token: {input}",
                "-D",
                "run.dir=s3a://user:ghi789@store/run"))
        .contains("secret.key=***", "access.key=***", "Token: {input}", "s3a://user:***@store/run")
        .doesNotContain("abc123", "def456", "ghi789");
  }

  @Test
  void aRedactedSecretOfAStoredRunIsNotSet() {
    var stored = Configs.of("spark.authenticate.secret=s3cr3t", "spark.a=b").effective();

    assertThat(ConfigLoader.parse(stored, "config.conf", List.of()).spark())
        .isEqualTo(Map.of("spark.a", "b"));
    assertThat(
            ConfigLoader.parse(stored, "config.conf", List.of("spark.authenticate.secret=again"))
                .spark())
        .containsEntry("spark.authenticate.secret", "again");
  }
}
