package org.dapt.convert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dapt.io.Dtype;
import org.dapt.io.SafetensorsWriter;
import org.dapt.io.gguf.GgufFile;
import org.dapt.io.gguf.GgufTensor;

/**
 * The tensors of a Llama under their names in llama.cpp and in Transformers. The rows of query and
 * key projections stand in another order in a GGUF file: there the pairs that the rotary embedding
 * turns are neighbours, in Transformers they are half a head apart.
 */
final class LlamaTensors {
  static final String EMBEDDING = "token_embd.weight";
  static final String OUTPUT = "output.weight";

  /** Factors of the rotary frequencies, which belong to the configuration. */
  static final String ROTARY = "rope_freqs.weight";

  private static final int NAMED = 5;

  /**
   * A tensor of the model.
   *
   * @param name in Transformers
   * @param shape what it must have
   * @param headRows rows of a head whose order changes, 0 where it stays
   */
  private record Wanted(String name, long[] shape, int headRows) {}

  private final GgufFile file;
  private final Map<String, Wanted> wanted = new TreeMap<>();

  LlamaTensors(GgufFile file, LlamaFacts facts) {
    this.file = file;
    long width = facts.width();
    long queries = (long) facts.heads() * facts.headSize();
    long keys = (long) facts.keyValueHeads() * facts.headSize();
    want(EMBEDDING, "model.embed_tokens.weight", 0, facts.vocabulary(), width);
    want("output_norm.weight", "model.norm.weight", 0, width);
    if (!facts.tied()) {
      want(OUTPUT, "lm_head.weight", 0, facts.vocabulary(), width);
    }
    for (int i = 0; i < facts.layers(); i++) {
      String from = "blk." + i + ".";
      String to = "model.layers." + i + ".";
      want(from + "attn_norm.weight", to + "input_layernorm.weight", 0, width);
      want(from + "ffn_norm.weight", to + "post_attention_layernorm.weight", 0, width);
      String attention = to + "self_attn.";
      int size = facts.headSize();
      want(from + "attn_q.weight", attention + "q_proj.weight", size, queries, width);
      want(from + "attn_k.weight", attention + "k_proj.weight", size, keys, width);
      want(from + "attn_v.weight", attention + "v_proj.weight", 0, keys, width);
      want(from + "attn_output.weight", attention + "o_proj.weight", 0, width, queries);
      want(from + "ffn_gate.weight", to + "mlp.gate_proj.weight", 0, facts.inner(), width);
      want(from + "ffn_up.weight", to + "mlp.up_proj.weight", 0, facts.inner(), width);
      want(from + "ffn_down.weight", to + "mlp.down_proj.weight", 0, width, facts.inner());
    }
  }

  private void want(String from, String to, int headRows, long... shape) {
    wanted.put(from, new Wanted(to, shape, headRows));
  }

  /**
   * The weights, to be read and rounded to bfloat16 when they are written.
   *
   * @throws org.dapt.error.InputException if a tensor is missing, of another shape, or unknown
   */
  SafetensorsWriter weights() {
    requireFit();
    SafetensorsWriter writer = new SafetensorsWriter().metadata(Map.of("format", "pt"));
    wanted.forEach(
        (from, to) ->
            writer.add(
                to.name,
                Dtype.BF16,
                to.shape,
                out -> new Bfloat16Rows(file, file.tensors().get(from)).writeTo(out, to.headRows)));
    return writer;
  }

  private void requireFit() {
    List<String> problems = new ArrayList<>();
    wanted.forEach(
        (name, to) -> {
          GgufTensor tensor = file.tensors().get(name);
          if (tensor == null) {
            problems.add(name + " is missing");
          } else if (!Arrays.equals(tensor.shape(), to.shape)) {
            problems.add(
                "%s has shape %s, expected %s"
                    .formatted(name, Arrays.toString(tensor.shape()), Arrays.toString(to.shape)));
          }
        });
    for (String name : file.tensors().keySet()) {
      if (!wanted.containsKey(name) && !name.equals(ROTARY)) {
        problems.add(GgufConversion.quoted(name) + " is no tensor of such a Llama");
      }
    }
    if (!problems.isEmpty()) {
      int more = problems.size() - NAMED;
      throw file.metadata()
          .unsupported(
              "its tensors are not those of the Llama that its metadata describes: "
                  + String.join("; ", problems.subList(0, Math.min(NAMED, problems.size())))
                  + (more > 0 ? "; and %d more".formatted(more) : ""));
    }
  }
}
