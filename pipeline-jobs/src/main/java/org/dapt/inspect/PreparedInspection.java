package org.dapt.inspect;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dapt.data.file.FileDigest;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.ManifestFile;
import org.dapt.data.shard.TaskManifest;
import org.dapt.run.Marker;

/** Inspections of prepared tasks. */
final class PreparedInspection {
  private PreparedInspection() {}

  /** All about a prepared task; reads and digests its shards. */
  static Inspection of(Place folder) {
    try {
      TaskManifest manifest = ManifestFile.read(folder.files(), folder.path());
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("task", manifest.task());
      facts.put("state", state(folder, manifest));
      facts.put("definition", manifest.definition());
      facts.put("format", manifest.recipe().format());
      facts.put("template", manifest.recipe().template());
      facts.put("shards", manifest.recipe().shards());
      List<Map<String, Object>> splits = new ArrayList<>();
      List<String> damaged = new ArrayList<>();
      for (Split split : manifest.testOnly() ? List.of(Split.TEST) : List.of(Split.values())) {
        splits.add(split(manifest, split));
        for (TaskManifest.Shard shard : manifest.split(split).shards()) {
          Place file = folder.child(shard.file());
          if (!file.exists()
              || !FileDigest.sha256(file.files(), file.path()).equals(shard.sha256())) {
            damaged.add(shard.file());
          }
        }
      }
      facts.put("splits", splits);
      if (manifest.holdOut() != null) {
        facts.put(
            "hold_out",
            "dev was taken from train (%s): %d examples"
                .formatted(manifest.holdOut().reason(), manifest.holdOut().heldOut()));
      }
      if (manifest.drawnFrom() != null) {
        facts.put(
            "drawn_from",
            "seeded draws of %d train, %d dev and %d test examples"
                .formatted(
                    manifest.drawnFrom().train(),
                    manifest.drawnFrom().dev(),
                    manifest.drawnFrom().test()));
      }
      facts.put(
          "digests",
          damaged.isEmpty() ? "as written" : "DAMAGED or missing: " + String.join(", ", damaged));
      facts.put("tokenizer_sha256", manifest.tokenizerSha256());
      facts.put("bytes", folder.bytes());
      return new Inspection(folder.shown(), "Prepared task", facts);
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  /** One line for the list of a run's prepared tasks. */
  static Map<String, Object> line(Place folder) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", folder.name());
    if (!folder.child(TaskManifest.FILE).exists()) {
      facts.put("state", "unfinished");
      return facts;
    }
    try {
      TaskManifest manifest = ManifestFile.read(folder.files(), folder.path());
      facts.put("state", state(folder, manifest));
      for (Split split : Split.values()) {
        facts.put(split.folder(), manifest.split(split).examples());
      }
      facts.put("bytes", folder.bytes());
      return facts;
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  /** Of data that are only tested the manifest is all that says that they are whole. */
  private static String state(Place folder, TaskManifest manifest) {
    return manifest.testOnly() || folder.child(Marker.FILE).exists() ? "done" : "unfinished";
  }

  private static Map<String, Object> split(TaskManifest manifest, Split split) {
    TaskManifest.SplitContent content = manifest.split(split);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", split.folder());
    facts.put("examples", content.examples());
    facts.put("longest_source", content.sourceTokens().max());
    facts.put("longest_target", content.targetTokens().max());
    facts.put("truncated_sources", content.truncatedSources());
    facts.put("bytes", content.shards().stream().mapToLong(TaskManifest.Shard::bytes).sum());
    return facts;
  }
}
