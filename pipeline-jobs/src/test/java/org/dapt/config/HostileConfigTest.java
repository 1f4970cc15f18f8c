package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.error.ExitCode;
import org.dapt.hostile.BrokenBytes;
import org.dapt.hostile.BrokenInput;
import org.dapt.hostile.Outcome;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Configuration files that are broken, and secrets in them. */
class HostileConfigTest {
  private static final String SECRET = "hunter2hunter2";
  private static final byte[] VALID =
      """
      run { dir = "/runs/a", seed = 7 }
      model { path = "/models/t5" }
      tasks { root = "/tasks", order = [colour, order], shards = 4, hold-out = 0.1 }
      method.name = dapt-lora
      lora { r = 4, alpha = 8 }
      train { epochs = 2, learning-rate = 1e-3, exchange-timeout = 60s }
      spark { master = "local[2]", hadoop.fs.s3a.path.style.access = true }
      """
          .getBytes(StandardCharsets.UTF_8);

  private static final List<String> VALUES =
      List.of(
          "null",
          "-1",
          "0",
          "1e999",
          "1e-999999999",
          "1e999999999",
          "NaN",
          "Infinity",
          "9".repeat(5000),
          "0x10",
          "\"\"",
          "\"../../escaped\"",
          "\"\\u0000\\u001b[2J\"",
          "\"\\ud800\"",
          "\"" + "long".repeat(20_000) + "\"",
          "[]",
          "{}",
          "[[1]]",
          "[null]",
          "[a, a]",
          "{a = {b = 1}}",
          "${?NO_SUCH_VARIABLE}",
          "${no.such.key}",
          "${run}",
          "\"${run.dir}\"",
          "include \"other.conf\"",
          "[\"../x\"]",
          "[\"/etc\"]",
          "[".repeat(20_000) + "]".repeat(20_000),
          "{a=".repeat(20_000),
          "10",
          "true",
          "1 s",
          "-5s",
          "999999999999d");

  private static final List<String> KEYS =
      List.of(
          "run.dir",
          "run.seed",
          "model.path",
          "tasks.root",
          "tasks.order",
          "tasks.shards",
          "tasks.hold-out",
          "tasks.template",
          "method.name",
          "lora.r",
          "train.learning-rate",
          "train.exchange-timeout",
          "evaluate.max-new-tokens",
          "spark.master",
          "spark",
          "run",
          "tasks");

  @TempDir private static Path folder;

  @TestFactory
  Stream<DynamicTest> bytes() {
    return BrokenBytes.of(VALID, 8, 60).stream().map(HostileConfigTest::load);
  }

  @TestFactory
  Stream<DynamicTest> values() {
    List<BrokenInput> all = new ArrayList<>();
    for (int i = 0; i < KEYS.size(); i++) {
      // Every value once for some keys, every third for each.
      for (int j = i % 3; j < VALUES.size(); j += 3) {
        String line = KEYS.get(i) + " = " + VALUES.get(j);
        String shown = line.length() > 60 ? line.substring(0, 60) + "..." : line;
        all.add(
            new BrokenInput(
                shown,
                (new String(VALID, StandardCharsets.UTF_8) + line + "\n")
                    .getBytes(StandardCharsets.UTF_8)));
      }
    }
    return all.stream().map(HostileConfigTest::load);
  }

  @TestFactory
  Stream<DynamicTest> documents() {
    return Stream.of(
            "include \"dapt.conf\"",
            "include file(\"/no/such/file\")",
            "include url(\"http://127.0.0.1:1/x\")",
            "include classpath(\"application.conf\")",
            "include package(\"a\", \"b\")",
            "a = ${b}\nb = ${a}",
            "a = ${a}",
            "a = 1\na = ${a}${a}",
            "\u0441onfig = 1",
            "tasks.\u043erder = [x]",
            "\"a\\u0000b\" = 1",
            "\"\" = 1",
            "a..b = 1",
            "k".repeat(100_000) + " = 1",
            "a.".repeat(20_000) + "b = 1",
            "{ run",
            "run = [",
            "run.dir = \"",
            "\"\"\"",
            "+= 1",
            "= 1",
            "run : run : run")
        .map(text -> load(new BrokenInput(shown(text), text.getBytes(StandardCharsets.UTF_8))));
  }

  @TestFactory
  Stream<DynamicTest> secretsAreShownNowhere() {
    return Stream.of(
            "spark.hadoop.fs.s3a.secret.key=%s",
            "spark.hadoop.fs.s3a.access.key=%s",
            "spark.hadoop.fs.s3a.session.token=%s",
            "spark.hadoop.fs.s3a.encryption.key=%s",
            "spark.hadoop.fs.s3a.bucket.b.secret.key=%s",
            "spark.hadoop.fs.azure.account.key.store.dfs.core.windows.net=%s",
            "spark.hadoop.fs.azure.sas.container.store=%s",
            "spark.hadoop.fs.azure.account.oauth2.client.secret=%s",
            "spark.authenticate.secret=%s",
            "spark.ssl.keyPassword=%s",
            "spark.ssl.keyStorePassword=%s",
            "spark.ssl.trust-store-password=%s",
            "spark.my.passwd=%s",
            "spark.my.pwd=%s",
            "spark.executorEnv.API_KEY=%s",
            "spark.executorEnv.HF_TOKEN=%s",
            "spark.driver.extraJavaOptions=-Djavax.net.ssl.trustStorePassword=%s -Xss4m",
            "spark.executor.extraJavaOptions=-Xss4m -Dapi.token=%s",
            "spark.hadoop.fs.defaultFS=s3a://me:%s@bucket/",
            "spark.my.url=jdbc:x://host/db?user=me&password=%s")
        .map(setting -> setting.formatted(SECRET))
        .map(
            setting ->
                Outcome.test(
                    "secret in " + setting.substring(0, setting.indexOf('=')),
                    () -> {
                      DaptConfig config = Configs.of(setting);
                      assertThat(config.spark().values()).anyMatch(v -> v.contains(SECRET));
                      assertThat(config.effective()).doesNotContain(SECRET).contains("***");
                      assertThat(config.toString()).doesNotContain(SECRET);
                      // What was masked is not taken for the secret when the run is opened again.
                      DaptConfig again =
                          ConfigLoader.parse(config.effective(), "stored", List.of());
                      assertThat(again.spark().values()).noneMatch(v -> v.contains("***"));
                      assertThat(again.hash()).isEqualTo(config.hash());
                    }));
  }

  @TestFactory
  Stream<DynamicTest> secretsAreNotInComplaints() {
    return Stream.of(
            "model.path = \"s3a://me:%s@bucket/t5\"",
            "run.dir = \"s3a://me:%s@bucket/run\"",
            "spark.hadoop.fs.s3a.secret.key = \"%s",
            "spark.hadoop.fs.s3a.secret.key = \"%s\" }",
            "spark.hadoop.fs.s3a.secret.key = %s } %1$s",
            "spark.hadoop.fs.s3a.secret.key = [%s",
            "spark.hadoop.fs.s3a.secret.key = \"\"\"%s",
            "spark { hadoop.fs.s3a.secret.key : %s : %1$s",
            "spark.hadoop.fs.s3a.secret.key = \"\\q%s\"",
            "secret.key = %s",
            "lora.r = { password = %s }")
        .map(line -> line.formatted(SECRET))
        .map(
            line ->
                Outcome.test(
                    "complaint about " + line.replace(SECRET, "..."),
                    () -> {
                      Path file = write(new BrokenInput("", line.getBytes(StandardCharsets.UTF_8)));
                      String message =
                          Outcome.refused(
                              ExitCode.CONFIGURATION,
                              "",
                              () -> ConfigLoader.load(file, List.of("tasks.root=/tasks")));
                      assertThat(message).doesNotContain(SECRET);
                    }));
  }

  private static DynamicTest load(BrokenInput input) {
    return Outcome.test(
        "dapt.conf: " + input.name(),
        () -> {
          Path file = write(input);
          Outcome.of(
              ExitCode.CONFIGURATION,
              "",
              () -> assertThat(ConfigLoader.load(file, List.of()).effective()).isNotEmpty());
        });
  }

  private static Path write(BrokenInput input) throws IOException {
    return Files.write(folder.resolve("dapt.conf"), input.content());
  }

  private static String shown(String text) {
    return text.length() > 50 ? text.substring(0, 50) + "..." : text;
  }
}
