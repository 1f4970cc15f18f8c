package org.dapt.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.dapt.error.ExitCode;
import org.dapt.error.InputException;
import org.dapt.hostile.BrokenBytes;
import org.dapt.hostile.Outcome;
import org.dapt.io.ModelFolder;
import org.dapt.io.gguf.GgufBuilder;
import org.dapt.io.gguf.GgufFile;
import org.dapt.io.gguf.GgufGolden;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are sound but cannot be converted are refused by what they have. */
class GgufRefusalTest {
  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final int WIDTH = 8;
  private static final int VOCABULARY = 6;

  @TempDir Path folder;

  static Stream<Arguments> files() {
    return Stream.of(
        // Other models.
        refused("its architecture is \"qwen2\"; only llama", with("general.architecture", "qwen2")),
        refused("it has no general.architecture", without("general.architecture")),
        refused("one of several files", with("split.count", 3)),
        refused("it has llama.expert_count", with("llama.expert_count", 8)),
        refused(
            "it has llama.attention.sliding_window", with("llama.attention.sliding_window", 4096)),
        refused("it has llama.logit_scale", with("llama.logit_scale", 0.5f)),
        refused(
            "blk.0.ffn_gate_exps.weight\" is no tensor",
            f -> f.tensor("blk.0.ffn_gate_exps.weight", 0, 8)),
        refused("blk.0.attn_q.bias\" is no tensor", f -> f.tensor("blk.0.attn_q.bias", 0, WIDTH)),
        refused(
            "blk.1.attn_norm.weight\" is no tensor",
            f -> f.tensor("blk.1.attn_norm.weight", 1, WIDTH)),
        // Sizes.
        refused("it has no llama.embedding_length", without("llama.embedding_length")),
        refused("it has no llama.context_length", without("llama.context_length")),
        refused(
            "llama.embedding_length is 0, expected a whole number of at least 1",
            with("llama.embedding_length", 0)),
        refused(
            "llama.embedding_length is 4294967295, expected", with("llama.embedding_length", -1)),
        refused(
            "llama.embedding_length is \"8.0\", expected a whole number",
            with("llama.embedding_length", 8f)),
        refused(
            "llama.attention.head_count is a list of numbers",
            with("llama.attention.head_count", new int[] {2})),
        refused(
            "llama.block_count is 10001, expected 10000 at most",
            with("llama.block_count", 10_001)),
        refused(
            "the width 8 is no multiple of the number of heads, 3",
            with("llama.attention.head_count", 3)),
        refused(
            "llama.attention.head_count_kv is 3, expected a divisor",
            with("llama.attention.head_count_kv", 3)),
        refused(
            "its heads have size 1, expected an even one", with("llama.attention.head_count", 8)),
        refused(
            "llama.rope.dimension_count is 2, expected 4", with("llama.rope.dimension_count", 2)),
        refused(
            "llama.attention.value_length is 6, expected 4",
            with("llama.attention.value_length", 6)),
        refused(
            "it has no llama.attention.layer_norm_rms_epsilon",
            without("llama.attention.layer_norm_rms_epsilon")),
        refused(
            "layer_norm_rms_epsilon is NaN, expected a positive number",
            with("llama.attention.layer_norm_rms_epsilon", Float.NaN)),
        refused(
            "llama.rope.freq_base is -1.0, expected a positive number",
            with("llama.rope.freq_base", -1f)),
        refused(
            "attn_q.weight has shape [8, 8], expected [16, 8]",
            with("llama.attention.key_length", 8)),
        refused(
            "blk.0.ffn_up.weight has shape [12, 8], expected [16, 8]",
            with("llama.feed_forward_length", 16)),
        refused(
            "blk.1.attn_k.weight is missing; blk.1.attn_norm.weight is missing",
            with("llama.block_count", 2)),
        refused("and 4 more", with("llama.block_count", 2)),
        refused("output_norm.weight is missing", f -> f.withoutTensor("output_norm.weight")),
        refused("it has no tensor token_embd.weight", f -> f.withoutTensor("token_embd.weight")),
        // Rotary frequencies.
        refused(
            "llama.rope.scaling.type is \"yarn\"; known are none and linear",
            with("llama.rope.scaling.type", "yarn")),
        refused(
            "are not those of Llama 3", f -> f.tensor("rope_freqs.weight", new float[] {1, 2}, 2)),
        refused(
            "rope_freqs.weight has 3 numbers, expected 2",
            f -> f.tensor("rope_freqs.weight", 1, 3)),
        refused(
            "scaled in two ways",
            f ->
                f.with("llama.rope.scaling.factor", 4f)
                    .with("llama.rope.scaling.original_context_length", 8)
                    .with("llama.rope.freq_base", 1e9f)
                    .tensor("rope_freqs.weight", new float[] {1.83305f, 2}, 2)),
        // Tokenizers.
        refused("it has no tokenizer.ggml.model", without("tokenizer.ggml.model")),
        refused(
            "its tokenizer is \"bert\"; known are gpt2 (byte-level) and llama",
            with("tokenizer.ggml.model", "bert")),
        refused("it has no tokenizer.ggml.pre", without("tokenizer.ggml.pre")),
        refused(
            "its pre-tokenizer is \"bloom\"; known are codeshell, command-r,",
            with("tokenizer.ggml.pre", "bloom")),
        refused("it has no tokenizer.ggml.merges", without("tokenizer.ggml.merges")),
        refused("it has no tokenizer.ggml.tokens", without(TOKENS)),
        refused(
            "it has 7 tokens, expected 1 to 6",
            with(TOKENS, List.of("a", "b", "ab", "c", "d", "e", "f"))),
        refused("it has 0 tokens", with(TOKENS, List.of())),
        refused("its tokens 0 and 3 are both \"a\"", with(TOKENS, List.of("a", "b", "ab", "a"))),
        refused(
            "token_type has 2 entries for 6 tokens",
            with("tokenizer.ggml.token_type", new int[] {1, 1})),
        refused(
            "token_type has the unknown kind 7",
            with("tokenizer.ggml.token_type", new int[] {1, 1, 1, 1, 1, 7})),
        refused(
            "token_type has the unknown kind -1",
            with("tokenizer.ggml.token_type", new int[] {1, 1, 1, 1, 1, -1})),
        refused("it has no tokenizer.ggml.eos_token_id", without("tokenizer.ggml.eos_token_id")),
        refused(
            "eos_token_id is 6, expected a token below 6", with("tokenizer.ggml.eos_token_id", 6)),
        refused("bos_token_id is 4294967295, expected", with("tokenizer.ggml.bos_token_id", -1)),
        refused(
            "it has no tokenizer.ggml.bos_token_id",
            f ->
                f.without("tokenizer.ggml.bos_token_id")
                    .with("tokenizer.ggml.add_bos_token", true)),
        refused("the merge \"ab\" is not two tokens", with("tokenizer.ggml.merges", List.of("ab"))),
        refused("the merge \"a \" is not two tokens", with("tokenizer.ggml.merges", List.of("a "))),
        refused(
            "the merge \"a c\" is not of tokens that make one",
            with("tokenizer.ggml.merges", List.of("a c"))),
        refused(
            "tokenizer.ggml.merges is \"a b\", expected a list of texts",
            with("tokenizer.ggml.merges", "a b")),
        refused(
            "it has neither tokenizer.ggml.scores nor tokenizer.ggml.merges",
            f -> f.with("tokenizer.ggml.model", "llama").without("tokenizer.ggml.merges")),
        refused("tokenizer.ggml.scores has 1 entries for 6 tokens", spm(new float[] {1})),
        refused("or one that is no number", spm(new float[] {1, 2, 3, 4, 5, Float.NaN})),
        refused(
            "its tokens are too long",
            f ->
                spm(new float[] {1, 2, 3})
                    .apply(f)
                    .with(TOKENS, List.of("a", "b", "c".repeat(40_000)))));
  }

  @ParameterizedTest
  @MethodSource("files")
  void isRefusedByName(String message, UnaryOperator<GgufBuilder> change) {
    Path path = change.apply(model()).write(folder);
    try (GgufFile file = GgufFile.open(path)) {
      assertThatThrownBy(() -> new GgufConversion(file))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(path.toString())
          .hasMessageContaining(message);
    }
  }

  @TestFactory
  Stream<DynamicTest> damageInsideOfTextsAndNumbersIsRefusedOrHarmless() throws IOException {
    byte[] valid = Files.readAllBytes(GgufGolden.file("smollm.gguf"));
    byte[] header = Arrays.copyOf(valid, 12_000);
    byte[] rest = Arrays.copyOfRange(valid, header.length, valid.length);
    return BrokenBytes.of(header, 11, 8).stream()
        .filter(input -> input.content().length == header.length)
        .map(
            input ->
                Outcome.test(
                    input.name(),
                    () -> {
                      byte[] broken = Arrays.copyOf(input.content(), valid.length);
                      System.arraycopy(rest, 0, broken, header.length, rest.length);
                      Path path = GgufBuilder.write(folder, broken);
                      Outcome.of(ExitCode.INPUT, path.toString(), () -> convert(path));
                    }));
  }

  private static void convert(Path path) throws IOException {
    try (GgufFile file = GgufFile.open(path)) {
      new GgufConversion(file).writeWeights(OutputStream.nullOutputStream());
    }
  }

  @Test
  void theModelThatTheseAreMadeOfIsConverted() {
    try (GgufFile file = GgufFile.open(model().write(folder))) {
      assertThat(new GgufConversion(file).files()).containsKeys(ModelFolder.CONFIG);
    }
  }

  @Test
  void fewerTokensThanRowsAreAllowed() {
    GgufBuilder padded = model().with(TOKENS, List.of("<s>", "</s>", "a", "b", "ab"));
    try (GgufFile file = GgufFile.open(padded.write(folder))) {
      assertThat(new GgufConversion(file).files()).containsKeys(ModelFolder.CONFIG);
    }
  }

  @Test
  void numbersBeyondBfloat16AreRefusedByTheirPlace() {
    float[] numbers = new float[WIDTH];
    numbers[3] = Float.MAX_VALUE;
    GgufBuilder model =
        model().withoutTensor("output_norm.weight").tensor("output_norm.weight", numbers, WIDTH);
    try (GgufFile file = GgufFile.open(model.write(folder))) {
      GgufConversion conversion = new GgufConversion(file);
      assertThatThrownBy(() -> conversion.writeWeights(OutputStream.nullOutputStream()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("number 3 of the tensor \"output_norm.weight\" is 3.4028235E38");
    }
  }

  @Test
  void scalingThatAFileStatesIsTakenOver() throws IOException {
    GgufBuilder model = model().with("llama.rope.scaling.factor", 4f);
    try (GgufFile file = GgufFile.open(model.write(folder))) {
      var config =
          JsonMapper.builder()
              .build()
              .readTree(new GgufConversion(file).files().get("config.json"));
      assertThat(config.get("rope_scaling").toString())
          .isEqualTo("{\"rope_type\":\"linear\",\"factor\":4.0}");
    }
  }

  private static Arguments refused(String message, UnaryOperator<GgufBuilder> change) {
    return Arguments.of(message, change);
  }

  private static UnaryOperator<GgufBuilder> with(String key, Object value) {
    return file -> file.with(key, value);
  }

  private static UnaryOperator<GgufBuilder> without(String key) {
    return file -> file.without(key);
  }

  private static UnaryOperator<GgufBuilder> spm(float[] scores) {
    return file ->
        file.with("tokenizer.ggml.model", "llama")
            .without("tokenizer.ggml.merges")
            .with("tokenizer.ggml.scores", scores);
  }

  /** A Llama of one layer and two heads with six tokens. */
  private static GgufBuilder model() {
    List<String> tokens = new ArrayList<>(List.of("<s>", "</s>", "a", "b", "ab", "c"));
    GgufBuilder file =
        new GgufBuilder()
            .with("general.architecture", "llama")
            .with("llama.embedding_length", WIDTH)
            .with("llama.feed_forward_length", 12)
            .with("llama.block_count", 1)
            .with("llama.context_length", 32)
            .with("llama.attention.head_count", 2)
            .with("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .with("tokenizer.ggml.model", "gpt2")
            .with("tokenizer.ggml.pre", "gpt-2")
            .with(TOKENS, Collections.unmodifiableList(tokens))
            .with("tokenizer.ggml.merges", List.of("a b"))
            .with("tokenizer.ggml.bos_token_id", 0)
            .with("tokenizer.ggml.eos_token_id", 1)
            .tensor("token_embd.weight", 0.5f, VOCABULARY, WIDTH)
            .tensor("output_norm.weight", 1, WIDTH)
            .tensor("blk.0.attn_norm.weight", 1, WIDTH)
            .tensor("blk.0.ffn_norm.weight", 1, WIDTH)
            .tensor("blk.0.ffn_gate.weight", 0.5f, 12, WIDTH)
            .tensor("blk.0.ffn_up.weight", 0.5f, 12, WIDTH)
            .tensor("blk.0.ffn_down.weight", 0.5f, WIDTH, 12);
    for (String name : List.of("q", "k", "v", "output")) {
      file.tensor("blk.0.attn_" + name + ".weight", 0.5f, WIDTH, WIDTH);
    }
    return file;
  }
}
