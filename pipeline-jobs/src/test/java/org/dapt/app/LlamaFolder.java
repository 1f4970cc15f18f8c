package org.dapt.app;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.NativeRuntime;

/** Writes a small Llama with random weights and the tokenizer of the bundled model. */
public final class LlamaFolder {
  private static final int WIDTH = 32;
  private static final int INNER = 48;
  private static final int LAYERS = 2;

  private LlamaFolder() {}

  public static Path write(Path folder) throws IOException {
    var json = JsonMapper.builder().build();
    Files.createDirectories(folder);
    ObjectNode tokenizer =
        (ObjectNode) json.readTree(TestRun.MODEL.resolve("tokenizer.json").toFile());
    // A prompt does not end with an end token.
    tokenizer.putNull("post_processor");
    json.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
    int vocabulary =
        json.readTree(TestRun.MODEL.resolve("config.json").toFile()).get("vocab_size").intValue();
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "llama", "hidden_size": %d, "intermediate_size": %d,
         "num_hidden_layers": %d, "num_attention_heads": 4, "num_key_value_heads": 2,
         "vocab_size": %d, "rms_norm_eps": 1e-5, "eos_token_id": 1}
        """
            .formatted(WIDTH, INNER, LAYERS, vocabulary));
    NativeRuntime.load();
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> weights = new LinkedHashMap<>();
      weights.put("model.embed_tokens.weight", random(vocabulary, WIDTH));
      weights.put("lm_head.weight", random(vocabulary, WIDTH));
      weights.put("model.norm.weight", torch.ones(new long[] {WIDTH}));
      for (int i = 0; i < LAYERS; i++) {
        String layer = "model.layers." + i + ".";
        weights.put(layer + "input_layernorm.weight", torch.ones(new long[] {WIDTH}));
        weights.put(layer + "post_attention_layernorm.weight", torch.ones(new long[] {WIDTH}));
        weights.put(layer + "self_attn.q_proj.weight", random(WIDTH, WIDTH));
        weights.put(layer + "self_attn.k_proj.weight", random(WIDTH / 2, WIDTH));
        weights.put(layer + "self_attn.v_proj.weight", random(WIDTH / 2, WIDTH));
        weights.put(layer + "self_attn.o_proj.weight", random(WIDTH, WIDTH));
        weights.put(layer + "mlp.gate_proj.weight", random(INNER, WIDTH));
        weights.put(layer + "mlp.up_proj.weight", random(INNER, WIDTH));
        weights.put(layer + "mlp.down_proj.weight", random(WIDTH, INNER));
        // Checkpoints hold this buffer, which no model needs.
        weights.put(layer + "self_attn.rotary_emb.inv_freq", torch.ones(new long[] {4}));
      }
      Files.write(folder.resolve("model.safetensors"), NamedTensors.write(weights, Map.of()));
    }
    return folder;
  }

  private static Tensor random(long out, long in) {
    return torch.randn(new long[] {out, in}).mul(new Scalar(0.1));
  }
}
