package org.dapt.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.dapt.adapter.PeftFiles;
import org.dapt.adapter.Sidecar;
import org.dapt.io.ModelFolder;
import org.dapt.io.SafetensorsFile;

/** Inspections of folders of Hugging Face: base models and PEFT adapters. */
final class ModelInspection {
  private static final Set<String> FAMILIES = Set.of("t5", "mt5", "llama");

  private ModelInspection() {}

  /** A folder with {@code config.json}. */
  static Inspection model(Place folder) {
    JsonNode config = folder.child(ModelFolder.CONFIG).json();
    Map<String, Object> facts = new LinkedHashMap<>();
    String type = config.path("model_type").asText("none");
    facts.put(
        "model_type",
        FAMILIES.contains(type) ? type : type + " (not one that dapt has a backbone for)");
    facts.putAll(
        Place.texts(
            config,
            "d_model",
            "hidden_size",
            "num_layers",
            "num_decoder_layers",
            "num_hidden_layers",
            "num_heads",
            "num_attention_heads",
            "vocab_size"));
    facts.put("tokenizer", folder.child("tokenizer.json").exists() ? "there" : "missing");
    List<Place> weights = folder.children(".safetensors");
    if (weights.isEmpty()) {
      facts.put("weights", "missing: no safetensors file");
    } else {
      TensorFacts tensors = new TensorFacts();
      for (Place file : weights) {
        // The header is all that is read, and it stays when the file is closed.
        try (SafetensorsFile parsed = file.safetensors()) {
          tensors.add(parsed, "");
        }
      }
      facts.put("weights", weights.size() + (weights.size() == 1 ? " file" : " files"));
      tensors.into(facts);
      // One line for each tensor of each layer: too many to read.
      facts.remove("shapes");
    }
    facts.put("bytes", folder.bytes());
    return new Inspection(folder.shown(), "Base model", facts);
  }

  /** A folder with {@code adapter_config.json}. */
  static Inspection adapter(Place folder) {
    JsonNode config = folder.child(PeftFiles.CONFIG).json();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.putAll(
        Place.texts(
            config,
            "peft_type",
            "task_type",
            "base_model_name_or_path",
            "r",
            "lora_alpha",
            "use_rslora",
            "use_dora",
            "bias",
            "num_virtual_tokens",
            "token_dim"));
    Set<String> targets = new TreeSet<>();
    config.path("target_modules").forEach(target -> targets.add(target.asText()));
    if (!targets.isEmpty()) {
      facts.put("target_modules", String.join(", ", targets));
    }
    if (folder.child(Sidecar.FILE).exists()) {
      Place file = folder.child(Sidecar.FILE);
      Sidecar sidecar = Sidecar.parse(file.content(), file.shown());
      facts.put("exported_by", sidecar.producer() + ", a " + sidecar.kind());
      facts.put("method", sidecar.method());
      if (sidecar.task() != null) {
        facts.put("task", sidecar.task());
        facts.put("position", sidecar.position());
      }
      facts.put("attention", sidecar.attention() == null ? "none" : Sidecar.ATTENTION);
    }
    Place weights = folder.child(PeftFiles.WEIGHTS);
    if (weights.exists()) {
      try (SafetensorsFile parsed = weights.safetensors()) {
        new TensorFacts().add(parsed, "").into(facts);
      }
    } else {
      facts.put("weights", "missing: no " + PeftFiles.WEIGHTS);
    }
    facts.put("bytes", folder.bytes());
    return new Inspection(folder.shown(), "PEFT adapter", facts);
  }
}
