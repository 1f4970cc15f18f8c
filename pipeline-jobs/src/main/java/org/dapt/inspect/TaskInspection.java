package org.dapt.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dapt.io.SafetensorsFile;
import org.dapt.run.Marker;

/** Inspections of what was learnt of one task. */
final class TaskInspection {
  private static final String BLOCK = "block.safetensors";
  private static final String ATTENTION = "attention.safetensors";
  private static final String CHECKPOINTS = "checkpoints";

  private TaskInspection() {}

  /** Whether {@code folder} is one of a task. */
  static boolean fits(Place folder) {
    return folder.child(BLOCK).exists() || folder.child(CHECKPOINTS).exists();
  }

  /** All about the task. */
  static Inspection of(Place folder) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("state", state(folder));
    if (folder.child(Marker.FILE).exists()) {
      JsonNode marker = folder.child(Marker.FILE).json();
      facts.putAll(Place.texts(marker, "created_at"));
      facts.putAll(
          Place.texts(
              marker.path("summary"),
              "steps",
              "seconds",
              "tokens",
              "tokens_per_second",
              "ranks",
              "exchange",
              "resident_bytes",
              "imported_from",
              "sha256"));
    }
    if (folder.child(BLOCK).exists()) {
      facts.put("digest", digest(folder));
      try (SafetensorsFile block = folder.child(BLOCK).safetensors()) {
        facts.putAll(block.metadata());
        new TensorFacts().add(block, "").into(facts);
      }
    }
    if (folder.child("target.json").exists()) {
      List<String> target = new ArrayList<>();
      folder
          .child("target.json")
          .json()
          .path("mean_attention")
          .forEach(weight -> target.add(weight.asText()));
      facts.put("mean_attention", target);
    }
    List<String> checkpoints = new ArrayList<>();
    folder.child(CHECKPOINTS).children(".safetensors").forEach(c -> checkpoints.add(c.name()));
    if (!checkpoints.isEmpty()) {
      facts.put("checkpoints", checkpoints);
    }
    facts.put("bytes", folder.bytes());
    return new Inspection(folder.shown(), "Learnt task", facts);
  }

  /** One line for the list of a run's tasks. */
  static Map<String, Object> line(Place folder) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", folder.name());
    facts.put("state", state(folder));
    if (folder.child(Marker.FILE).exists()) {
      facts.putAll(
          Place.texts(
              folder.child(Marker.FILE).json().path("summary"), "steps", "tokens_per_second"));
      facts.put("digest", digest(folder));
    }
    facts.put("bytes", folder.bytes());
    return facts;
  }

  private static String state(Place folder) {
    if (folder.child(Marker.FILE).exists()) {
      return "done";
    }
    String owner = folder.child("_LEASE").leaseOwner();
    List<Place> checkpoints = folder.child(CHECKPOINTS).children(".safetensors");
    String newest =
        checkpoints.isEmpty()
            ? "no checkpoint"
            : "newest checkpoint " + checkpoints.get(checkpoints.size() - 1).name();
    return owner == null
        ? "unfinished, " + newest
        : "being learnt, " + newest + ", leased by " + owner;
  }

  /** Whether the tensors are those that the marker was written for. */
  private static String digest(Place folder) {
    if (!folder.child(Marker.FILE).exists()) {
      return "not recorded yet";
    }
    if (!folder.child(BLOCK).exists() || !folder.child(ATTENTION).exists()) {
      return "DAMAGED: a file is missing";
    }
    try (SafetensorsFile block = folder.child(BLOCK).safetensors();
        SafetensorsFile attention = folder.child(ATTENTION).safetensors()) {
      String found = new TensorFacts().add(block, "block.").add(attention, "attention.").sha256();
      String expected = folder.child(Marker.FILE).json().path("summary").path("sha256").asText();
      return found.equals(expected) ? "as written" : "DAMAGED: the tensors have another SHA-256";
    }
  }
}
