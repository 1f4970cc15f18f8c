package org.dapt.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dapt.io.SafetensorsFile;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.TaskArtifacts;
import org.dapt.run.TaskLayout;
import org.dapt.run.TrainingSummary;

/** Inspections of what was learnt of one task. */
final class TaskInspection {
  private TaskInspection() {}

  /** Whether {@code folder} is one of a task. */
  static boolean fits(Place folder) {
    return folder.child(TaskLayout.BLOCK).exists() || folder.child(TaskLayout.CHECKPOINTS).exists();
  }

  /** All about the task. */
  static Inspection of(Place folder) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("state", state(folder));
    if (folder.child(Marker.FILE).exists()) {
      JsonNode marker = folder.child(Marker.FILE).json();
      facts.putAll(Place.texts(marker, Marker.CREATED_AT));
      facts.putAll(
          Place.texts(
              marker.path(Marker.SUMMARY),
              TrainingSummary.STEPS,
              TrainingSummary.SECONDS,
              TrainingSummary.TOKENS,
              TrainingSummary.TOKENS_PER_SECOND,
              TrainingSummary.RANKS,
              TrainingSummary.EXCHANGE,
              TrainingSummary.RESIDENT_BYTES,
              TrainingSummary.DEVICE_BYTES,
              TrainingSummary.IMPORTED_FROM,
              TrainingSummary.SHA256));
    }
    if (folder.child(TaskLayout.BLOCK).exists()) {
      facts.put("digest", digest(folder));
      try (SafetensorsFile block = folder.child(TaskLayout.BLOCK).safetensors()) {
        facts.putAll(block.metadata());
        new TensorFacts().add(block, "").into(facts);
      }
    }
    if (folder.child(TaskLayout.TARGET).exists()) {
      List<String> target = new ArrayList<>();
      folder
          .child(TaskLayout.TARGET)
          .json()
          .path(TaskArtifacts.MEAN_ATTENTION)
          .forEach(weight -> target.add(weight.asText()));
      facts.put(TaskArtifacts.MEAN_ATTENTION, target);
    }
    ChosenPrompts.into(facts, folder);
    List<String> checkpoints = new ArrayList<>();
    folder
        .child(TaskLayout.CHECKPOINTS)
        .children(".safetensors")
        .forEach(c -> checkpoints.add(c.name()));
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
              folder.child(Marker.FILE).json().path(Marker.SUMMARY),
              TrainingSummary.STEPS,
              TrainingSummary.TOKENS_PER_SECOND));
      ChosenPrompts.numbersInto(facts, folder);
      facts.put("digest", digest(folder));
    }
    facts.put("bytes", folder.bytes());
    return facts;
  }

  private static String state(Place folder) {
    if (folder.child(Marker.FILE).exists()) {
      return "done";
    }
    String owner = folder.child(Lease.FILE).leaseOwner();
    List<Place> checkpoints = folder.child(TaskLayout.CHECKPOINTS).children(".safetensors");
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
    if (!folder.child(TaskLayout.BLOCK).exists() || !folder.child(TaskLayout.ATTENTION).exists()) {
      return "DAMAGED: a file is missing";
    }
    try (SafetensorsFile block = folder.child(TaskLayout.BLOCK).safetensors();
        SafetensorsFile attention = folder.child(TaskLayout.ATTENTION).safetensors()) {
      String found = new TensorFacts().add(block, "block.").add(attention, "attention.").sha256();
      String expected =
          folder
              .child(Marker.FILE)
              .json()
              .path(Marker.SUMMARY)
              .path(TrainingSummary.SHA256)
              .asText();
      return found.equals(expected) ? "as written" : "DAMAGED: the tensors have another SHA-256";
    }
  }
}
