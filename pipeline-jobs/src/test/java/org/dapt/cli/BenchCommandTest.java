package org.dapt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dapt.app.TaskFiles;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The measuring commands do what they measure and say so in one parseable line. */
class BenchCommandTest {
  private static final String TINY =
      """
      {"model_type": "t5", "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2,
       "num_heads": 4, "vocab_size": 8192, "feed_forward_proj": "relu"}
      """;
  private static final Path BASE = Path.of("../models/base-tiny");

  @TempDir private Path folder;
  private Path config;

  @BeforeEach
  void writeConfig() throws IOException {
    config = Files.writeString(folder.resolve("any-name.json"), TINY);
    TaskFiles.write(folder, "colour", 12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dapt-lora", "seq-lora"})
  void aStepIsMeasuredOnRandomWeights(String method) throws Exception {
    JsonNode result =
        bench(
            "step --model-config %s --method %s --tasks 3 --replay 2 --batch 4 --source 9 --target 3 --steps 3 --warmup 1"
                .formatted(config, method));
    assertThat(result.at("/settings/tasks").asInt()).isEqualTo(3);
    assertThat(result.at("/settings/method").asText()).isEqualTo(method);
    assertThat(result.get("steps").asInt()).isEqualTo(3);
    double seconds = result.get("total_ms").asDouble() / 1000;
    assertThat(result.get("tokens_per_second").asDouble() * seconds)
        .isCloseTo(3 * 4 * (9 + 3), org.assertj.core.data.Offset.offset(1.0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fp32", "float32", "bf16", "bfloat16"})
  void everyTypeIsKnown(String type) throws Exception {
    JsonNode result =
        bench("step --model-config %s --dtype %s --steps 1 --warmup 0".formatted(config, type));
    assertThat(result.at("/settings/dtype").asText())
        .isEqualTo(type.startsWith("f") ? "float32" : "bfloat16");
  }

  @Test
  void aLoadReadsEveryByteOnce() throws Exception {
    JsonNode result = bench("load --model %s --loads 2".formatted(BASE));
    assertThat(result.get("seconds_per_gb").asDouble()).isPositive();
    assertThat(result.get("weights_mb").asDouble()).isPositive();
    assertThat(result.get("reads_of_a_byte").asDouble()).isGreaterThanOrEqualTo(1);
  }

  @Test
  void layersCanBeComputedAgain() throws Exception {
    JsonNode result =
        bench("step --model-config %s --steps 1 --warmup 0 --recompute".formatted(config));
    assertThat(result.at("/settings/recompute").asBoolean()).isTrue();
  }

  @Test
  void anEpochTakesEveryExampleOfATaskOnce() throws Exception {
    JsonNode result =
        bench(
            "step --model-config %s --task %s --tokenizer %s --batch 5 --steps 0 --warmup 0"
                .formatted(config, folder.resolve("colour"), BASE));
    assertThat(result.get("steps").asInt()).isEqualTo(3);
    assertThat(result.at("/settings/examples").asInt()).isEqualTo(12);
  }

  @Test
  void decodingCountsExamplesAndWritesTheirAnswers() throws Exception {
    Path answers = folder.resolve("answers");
    JsonNode result =
        bench(
            "decode --model %s --task %s --batch 2 --max-new-tokens 4 --answers %s"
                .formatted(BASE, folder.resolve("colour"), answers));
    assertThat(result.get("examples_per_second").asDouble()).isPositive();
    assertThat(Files.readAllLines(answers)).hasSize(3).allMatch(line -> line.startsWith("["));
  }

  @Test
  void answersToRandomInputsHaveAllTokensThatTheyMayHave() throws Exception {
    JsonNode result =
        bench(
            "decode --model-config %s --examples 5 --batch 2 --max-source 7 --max-new-tokens 6 --warmup 1"
                .formatted(config));
    assertThat(result.get("generated_tokens").asInt()).isEqualTo(5 * 6);
    assertThat(result.at("/settings/examples").asInt()).isEqualTo(5);
    double seconds = result.get("total_ms").asDouble() / 1000;
    assertThat(result.get("tokens_per_second").asDouble() * seconds)
        .isCloseTo(5 * (7 + 6), org.assertj.core.data.Offset.offset(1.0));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void tokenisingGivesAsManyTokensInSparkTasks(int sparkTasks) throws Exception {
    JsonNode result =
        bench(
            "prepare --model %s --task %s --repeats 2 --spark-tasks %d"
                .formatted(BASE, folder.resolve("colour"), sparkTasks));
    assertThat(result.get("examples_per_second").asDouble()).isPositive();
    assertThat(result.get("tokens_per_pass").asLong())
        .isEqualTo(
            bench(
                    "prepare --model %s --task %s --repeats 1"
                        .formatted(BASE, folder.resolve("colour")))
                .get("tokens_per_pass")
                .asLong());
  }

  @Test
  void anExchangeIsMeasuredBetweenTasksOfSpark() throws Exception {
    JsonNode result =
        bench("exchange --ranks 2 --values 1000 --sums 4 --exchange spark --master local[2]");
    assertThat(result.at("/settings/master").asText()).isEqualTo("local[2]");
    double sums = result.get("values_per_second").asDouble() / 1000;
    assertThat(sums * result.get("total_ms").asDouble() / 1000)
        .isCloseTo(4, org.assertj.core.data.Offset.offset(0.01));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "gloo"})
  void anExchangeIsMeasured(String exchange) throws Exception {
    JsonNode result = bench("exchange --ranks 2 --values 1000 --sums 4 --exchange " + exchange);
    assertThat(result.at("/settings/ranks").asInt()).isEqualTo(2);
    assertThat(result.get("values_per_second").asDouble()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "step",
        "step --model-config CONFIG --model FOLDER",
        "step --model-config CONFIG --dtype fp8",
        "step --model-config CONFIG --device gpu",
        "step --model-config CONFIG --device cuda:99",
        "step --model-config CONFIG --tasks 0",
        "step --model-config CONFIG --method none-such",
        "step --model-config CONFIG --unknown",
        "step --model-config CONFIG --task FOLDER/colour",
        "decode --model-config CONFIG --examples 0",
        "decode --model FOLDER --task FOLDER/colour --batch 0",
        "prepare --model FOLDER",
        "prepare --model FOLDER --task FOLDER/colour --format none-such",
        "exchange --ranks 0",
        "exchange --exchange none-such",
        "exchange --exchange spark",
        "exchange --exchange spark --ranks 3 --master local[2]",
        "exchange --exchange spark --master nonsense"
      })
  void badOptionsEndWithCodeTwo(String line) {
    String[] arguments =
        ("bench " + line)
            .replace("CONFIG", config.toString())
            .replace("FOLDER", folder.toString())
            .split(" ");
    assertThat(Main.execute(arguments)).isEqualTo(2);
  }

  @Test
  void aMissingConfigurationIsBadInput() {
    assertThat(Main.execute("bench", "step", "--model-config", folder.resolve("none").toString()))
        .isEqualTo(3);
  }

  /** Runs {@code dapt bench} and parses the last line of stdout. */
  private static JsonNode bench(String line) throws IOException {
    TestSpark.release();
    PrintStream before = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    int code;
    try (PrintStream out = new PrintStream(captured, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      code = Main.execute(("bench " + line).split(" "));
    } finally {
      System.setOut(before);
    }
    List<String> lines = captured.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(code).isZero();
    JsonNode result = JsonMapper.builder().build().readTree(lines.get(lines.size() - 1));
    for (String figure : List.of("median_ms", "p90_ms", "tokens_per_second", "peak_rss_mb")) {
      assertThat(result.path(figure).isNumber()).as(figure).isTrue();
    }
    assertThat(result.get("p90_ms").asDouble())
        .isGreaterThanOrEqualTo(result.get("median_ms").asDouble());
    assertThat(result.get("settings").isObject()).isTrue();
    return result;
  }
}
