package org.dapt.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.backbone.Backbones;
import org.dapt.error.Shown;
import org.dapt.io.JsonObjects;
import org.dapt.io.ModelFolder;
import org.dapt.io.SafetensorsWriter;
import org.dapt.io.gguf.GgufFile;
import org.dapt.io.gguf.GgufMetadata;
import org.dapt.tokenizer.TextTokenizer;

/**
 * A GGUF file of a Llama as a Hugging Face folder. Everything that can be wrong with header and
 * tokenizer is found before anything is written.
 */
public final class GgufConversion {
  /** The file of the weights. */
  public static final String WEIGHTS = "model.safetensors";

  private static final String TOKENIZER = "tokenizer.json";

  private final SortedMap<String, byte[]> files = new TreeMap<>();
  private final SafetensorsWriter weights;

  /**
   * Plans the conversion of {@code file}, which stays open until the weights are written.
   *
   * @throws org.dapt.error.InputException if the file is of another architecture or does not fit
   *     together, or its tokenizer is not known
   */
  public GgufConversion(GgufFile file) {
    GgufMetadata metadata = file.metadata();
    LlamaFacts model = LlamaFacts.of(file);
    String kind =
        metadata
            .text(TokenFacts.PREFIX + "model")
            .orElseThrow(() -> metadata.damaged("it has no %smodel".formatted(TokenFacts.PREFIX)));
    TokenFacts tokens;
    TokenizerParts parts;
    switch (kind) {
      case ByteLevelTokenizer.NAME -> {
        PreTokenizer preTokenizer = ByteLevelTokenizer.preTokenizer(metadata);
        tokens = TokenFacts.of(metadata, model, preTokenizer.beginsUsually());
        parts = ByteLevelTokenizer.of(metadata, tokens, preTokenizer);
      }
      case SentencePieceTokenizer.NAME -> {
        tokens = TokenFacts.of(metadata, model, true);
        parts = SentencePieceTokenizer.of(metadata, tokens);
      }
      default ->
          throw metadata.unsupported(
              "its tokenizer is %s; known are gpt2 (byte-level) and llama (SentencePiece)"
                  .formatted(quoted(kind)));
    }
    weights = new LlamaTensors(file, model).weights();
    TokenizerFiles tokenizer = new TokenizerFiles(tokens);
    files.put(TOKENIZER, tokenizer.tokenizer(parts));
    files.put("tokenizer_config.json", tokenizer.config(metadata, model.positions()));
    files.put(ModelFolder.CONFIG, config(file, model, tokens));
    files.put(ModelFolder.GENERATION, generation(tokens));
    check(file);
  }

  /** The files beside the weights by name. */
  public SortedMap<String, byte[]> files() {
    return Collections.unmodifiableSortedMap(files);
  }

  /**
   * Writes {@value #WEIGHTS}. The stream is neither flushed nor closed.
   *
   * @throws org.dapt.error.InputException if a number is not finite, or the file became shorter
   */
  public void writeWeights(OutputStream out) throws IOException {
    weights.writeTo(out);
  }

  /** A name or value of the file, as messages show it. */
  static String quoted(String text) {
    return '"' + Shown.of(text) + '"';
  }

  private static byte[] config(GgufFile file, LlamaFacts model, TokenFacts tokens) {
    ObjectNode config = JsonObjects.create();
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("attention_bias", false).put("attention_dropout", 0.0);
    ids(config, tokens, false);
    config
        .put("head_dim", model.headSize())
        .put("hidden_act", "silu")
        .put("hidden_size", model.width())
        .put("initializer_range", 0.02)
        .put("intermediate_size", model.inner())
        .put("max_position_embeddings", model.positions())
        .put("mlp_bias", false)
        .put("model_type", LlamaFacts.ARCHITECTURE)
        .put("num_attention_heads", model.heads())
        .put("num_hidden_layers", model.layers())
        .put("num_key_value_heads", model.keyValueHeads())
        .put("rms_norm_eps", model.epsilon());
    RotaryFacts.scaling(file, model).ifPresent(scaling -> config.set("rope_scaling", scaling));
    config
        .put("rope_theta", model.theta())
        .put("tie_word_embeddings", model.tied())
        .put("torch_dtype", "bfloat16")
        .put("use_cache", true)
        .put("vocab_size", model.vocabulary());
    return JsonObjects.bytes(config);
  }

  private static byte[] generation(TokenFacts tokens) {
    ObjectNode generation = JsonObjects.create().put("_from_model_config", true);
    ids(generation, tokens, true);
    return JsonObjects.bytes(generation);
  }

  private static void ids(ObjectNode json, TokenFacts tokens, boolean turns) {
    if (tokens.bos() != null) {
      json.put("bos_token_id", tokens.bos());
    }
    if (turns && tokens.turnEnd() != null && tokens.turnEnd() != tokens.eos()) {
      json.putArray("eos_token_id").add(tokens.eos()).add(tokens.turnEnd());
    } else {
      json.put("eos_token_id", tokens.eos());
    }
    if (tokens.pad() != null) {
      json.put("pad_token_id", tokens.pad());
    }
  }

  /** What whoever loads the folder would find wrong. */
  private void check(GgufFile file) {
    SortedMap<String, byte[]> all = new TreeMap<>(files);
    all.put(WEIGHTS, weights.beginning());
    PlannedFolder planned =
        new PlannedFolder(file.origin(), all, Map.of(WEIGHTS, weights.length()));
    try (ModelFolder folder = ModelFolder.open(planned)) {
      Backbones.check(folder);
      checkTokenizer(file, folder);
    }
  }

  private void checkTokenizer(GgufFile file, ModelFolder folder) {
    try {
      Path trial = Files.createTempFile("dapt-tokenizer-", ".json");
      try {
        Files.write(trial, files.get(TOKENIZER));
        TextTokenizer.load(
                trial,
                "made of " + file.origin(),
                Backbones.tokenRules(folder.config(), folder.configFile()))
            .close();
      } finally {
        Files.delete(trial);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary file can be written", e);
    }
  }
}
