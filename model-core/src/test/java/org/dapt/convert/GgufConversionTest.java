package org.dapt.convert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.dapt.backbone.Backbones;
import org.dapt.io.Dtype;
import org.dapt.io.ModelFolder;
import org.dapt.io.SafetensorsFile;
import org.dapt.io.gguf.GgufFile;
import org.dapt.io.gguf.GgufGolden;
import org.dapt.tokenizer.TextTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole files give what Transformers and the tokenizers that they were made of give. */
class GgufConversionTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"smollm", "llama-bpe", "spm"})
  void weightsAreThoseThatTransformersReads(String name) throws IOException {
    converted(name);
    try (var found = SafetensorsFile.open(folder.resolve(GgufConversion.WEIGHTS));
        var expected = SafetensorsFile.open(GgufGolden.file(name + ".safetensors"))) {
      assertThat(found.names()).isEqualTo(expected.names());
      for (String tensor : expected.names()) {
        assertThat(found.info(tensor).dtype()).isEqualTo(Dtype.BF16);
        assertThat(found.info(tensor).shape()).isEqualTo(expected.info(tensor).shape());
        assertThat(found.data(tensor)).as(tensor).isEqualTo(expected.data(tensor));
      }
      // Older Transformers ask for it.
      assertThat(found.metadata()).containsEntry("format", "pt");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm", "llama-bpe", "spm"})
  void configurationIsThatWhichTransformersReads(String name) throws IOException {
    converted(name);
    JsonNode expected =
        JSON.readTree(Files.readAllBytes(GgufGolden.file("configs.json"))).get(name);
    JsonNode found = json(ModelFolder.CONFIG);
    assertThat(found.get("model_type").asText()).isEqualTo("llama");
    expected
        .properties()
        .forEach(
            each -> {
              JsonNode value = found.path(each.getKey());
              if (each.getValue().isNumber()) {
                assertThat(value.doubleValue())
                    .as(each.getKey())
                    .isEqualTo(each.getValue().doubleValue(), within(each.getValue()));
              } else {
                assertThat(value.asText("null")).isEqualTo(each.getValue().asText("null"));
              }
            });
    try (ModelFolder model = ModelFolder.open(folder)) {
      Backbones.check(model);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm", "llama-bpe", "spm", "gpt-2", "qwen2", "tekken"})
  void tokenizersCutTextsAsTheOriginalDoes(String name) throws IOException {
    converted(name);
    try (TextTokenizer tokenizer = TextTokenizer.load(folder)) {
      int texts = 0;
      for (String line : Files.readAllLines(GgufGolden.file("ids.jsonl"))) {
        JsonNode example = JSON.readTree(line);
        if (example.get("model").asText().equals(name)) {
          String text = example.get("text").asText();
          int[] ids = JSON.convertValue(example.get("ids"), int[].class);
          assertThat(tokenizer.encode(text, 10_000).ids()).as(text).isEqualTo(ids);
          assertThat(tokenizer.decode(ids)).isEqualTo(example.get("decoded").asText());
          texts++;
        }
      }
      assertThat(texts).isGreaterThan(20);
    }
  }

  @Test
  void wordsThatEndAnAnswerGoWhereTransformersLooksForThem() throws IOException {
    converted("llama-bpe");
    // Its end of a turn is another token than the end of a text.
    assertThat(json("generation_config.json").get("eos_token_id").toString()).isEqualTo("[2,1]");
    assertThat(json(ModelFolder.CONFIG).get("eos_token_id").intValue()).isEqualTo(2);
    converted("smollm");
    assertThat(json("generation_config.json").get("eos_token_id").intValue()).isEqualTo(2);
  }

  @Test
  void theTokenizerIsDescribedAsTransformersDescribesIt() throws IOException {
    converted("smollm");
    JsonNode config = json("tokenizer_config.json");
    assertThat(config.get("bos_token").asText()).isEqualTo("<|im_start|>");
    assertThat(config.get("eos_token").asText()).isEqualTo("<|im_end|>");
    assertThat(config.get("pad_token").asText()).isEqualTo("<|endoftext|>");
    assertThat(config.has("unk_token")).isFalse();
    assertThat(config.get("add_bos_token").booleanValue()).isFalse();
    assertThat(config.get("model_max_length").intValue()).isEqualTo(128);
    assertThat(config.get("chat_template").asText()).startsWith("{% for message in messages %}");
    converted("spm");
    config = json("tokenizer_config.json");
    assertThat(config.get("add_bos_token").booleanValue()).isTrue();
    assertThat(config.get("unk_token").asText()).isEqualTo("<unk>");
    assertThat(config.has("chat_template")).isFalse();
  }

  @Test
  void factorsOfFrequenciesBecomeTheScalingOfLlama3() throws IOException {
    converted("llama-bpe");
    JsonNode scaling = json(ModelFolder.CONFIG).get("rope_scaling");
    assertThat(scaling.get("rope_type").asText()).isEqualTo("llama3");
    assertThat(scaling.get("factor").doubleValue()).isEqualTo(8);
    assertThat(scaling.get("low_freq_factor").doubleValue()).isEqualTo(1);
    assertThat(scaling.get("high_freq_factor").doubleValue()).isEqualTo(4);
    assertThat(scaling.get("original_max_position_embeddings").intValue()).isEqualTo(8192);
    converted("smollm");
    assertThat(json(ModelFolder.CONFIG).has("rope_scaling")).isFalse();
  }

  @Test
  void aSecondConversionWritesTheSameBytes() throws IOException {
    converted("spm");
    List<byte[]> first = contents();
    converted("spm");
    assertThat(contents()).usingRecursiveComparison().isEqualTo(first);
  }

  private static Offset<Double> within(JsonNode value) {
    // Transformers widens numbers of 32 bits as they are: 9.999999747378752e-06.
    return Offset.offset(Math.abs(value.doubleValue()) * 1e-7);
  }

  private JsonNode json(String name) throws IOException {
    return JSON.readTree(Files.readAllBytes(folder.resolve(name)));
  }

  private List<byte[]> contents() throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .sorted()
          .map(
              file -> {
                try {
                  return Files.readAllBytes(file);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              })
          .toList();
    }
  }

  private void converted(String name) throws IOException {
    try (GgufFile file = GgufFile.open(GgufGolden.file(name + ".gguf"));
        OutputStream weights = Files.newOutputStream(folder.resolve(GgufConversion.WEIGHTS))) {
      GgufConversion conversion = new GgufConversion(file);
      for (var each : conversion.files().entrySet()) {
        Files.write(folder.resolve(each.getKey()), each.getValue());
      }
      conversion.writeWeights(weights);
    }
  }
}
