package org.dapt.backbone.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.dapt.io.LocalModelFiles;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tokenizer.TokenRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the folders of real models hold, and what is refused. */
class LlamaFolderTest {
  @TempDir private Path folder;

  @Test
  void endTokensOfBothConfigurationsCount() throws IOException {
    copy("llama3-tiny", config -> {});
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [2, 9, 10]}");
    Files.writeString(folder.resolve("special_tokens_map.json"), "{}");
    try (PointerScope scope = new PointerScope();
        Backbone llama = Backbones.load(folder, Placement.cpu(ComputeType.FLOAT32))) {
      assertThat(llama.endTokens()).containsExactly(2, 9, 10);
      assertThat(llama.projections()).extracting(p -> p.role()).contains("q_proj", "v_proj");
    }
  }

  @Test
  void theTokensThatEndATurnAreKnownWithoutTheWeights() throws IOException {
    copy("llama3-tiny", config -> {});
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [9, 10]}");
    TokenRules rules = Backbones.tokenRules(new LocalModelFiles(folder));
    assertThat(rules.endTokens()).containsExactly(2);
    assertThat(rules.targetEnd()).isEqualTo(2);
    assertThat(rules.turnEnds()).containsExactly(9, 10);
    Files.writeString(folder.resolve("generation_config.json"), "{\"do_sample\": true}");
    assertThat(Backbones.tokenRules(new LocalModelFiles(folder)).turnEnds()).isEmpty();
    Files.delete(folder.resolve("generation_config.json"));
    assertThat(Backbones.tokenRules(new LocalModelFiles(folder)).turnEnds()).isEmpty();
  }

  @Test
  void anEndTokenWithoutARowIsOfTheFileThatNamesIt() throws IOException {
    copy("llama-tiny", config -> {});
    Path generation = folder.resolve("generation_config.json");
    Files.writeString(generation, "{\"eos_token_id\": [2, 512]}");
    assertThatThrownBy(() -> Backbones.load(folder, Placement.cpu(ComputeType.FLOAT32)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(generation + ": eos_token_id is 512")
        .hasMessageContaining("below vocab_size, which is 512");
  }

  @Test
  void withoutAPadTokenAnyIdFillsUp() throws IOException {
    for (Consumer<ObjectNode> edit :
        List.<Consumer<ObjectNode>>of(
            config -> config.remove("pad_token_id"), config -> config.put("pad_token_id", -1))) {
      copy("llama-tiny", edit);
      try (ModelFolder model = ModelFolder.open(folder)) {
        assertThat(LlamaConfig.parse(model).padToken()).isZero();
      }
    }
  }

  @Test
  void linearScalingDividesEveryFrequency() throws IOException {
    copy(
        "llama-tiny",
        config -> {
          config.remove("rope_parameters");
          config.putObject("rope_scaling").put("type", "linear").put("factor", 4.0);
        });
    try (ModelFolder model = ModelFolder.open(folder)) {
      assertThat(LlamaConfig.parse(model).rotary().frequencies(4)).containsExactly(0.25f, 0.0025f);
    }
  }

  @Test
  void refusesWhatWouldGiveOtherResults() throws IOException {
    assertRefused(config -> config.put("attention_bias", true), "attention_bias");
    assertRefused(config -> config.put("mlp_bias", true), "mlp_bias");
    assertRefused(config -> config.put("hidden_act", "gelu"), "hidden_act is 'gelu'");
    assertRefused(config -> config.putObject("rope_parameters").put("rope_type", "yarn"), "'yarn'");
    assertRefused(
        config -> config.putObject("rope_parameters").put("rope_type", "llama3"), "no factor");
    assertRefused(
        config -> config.put("num_key_value_heads", config.path("num_attention_heads").asInt() + 1),
        "divisor");
    assertRefused(config -> config.put("num_hidden_layers", 99), "is missing");
  }

  @Test
  void aFolderWithPickledWeightsOnlySaysWhatToDo() throws IOException {
    copy("llama-tiny", config -> {});
    Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
    assertThatThrownBy(() -> Backbones.load(folder, Placement.cpu(ComputeType.FLOAT32)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("safe_serialization=True");
  }

  private void assertRefused(Consumer<ObjectNode> edit, String message) throws IOException {
    copy("llama-tiny", edit);
    assertThatThrownBy(
            () -> {
              try (PointerScope scope = new PointerScope()) {
                Backbones.load(folder, Placement.cpu(ComputeType.FLOAT32)).close();
              }
            })
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  private void copy(String fixture, Consumer<ObjectNode> edit) throws IOException {
    Path from = Fixtures.folder(fixture);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith("model") || name.equals("generation_config.json")) {
          Path to = folder.resolve(name);
          Files.deleteIfExists(to);
          Files.copy(file, to);
        }
      }
    }
    ObjectNode config = (ObjectNode) Fixtures.json(from.resolve("config.json"));
    edit.accept(config);
    Files.writeString(folder.resolve("config.json"), config.toString());
  }
}
