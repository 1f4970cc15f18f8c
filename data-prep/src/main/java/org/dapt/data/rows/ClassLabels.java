package org.dapt.data.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.dapt.data.file.JsonFile;
import org.dapt.io.JsonObjects;

/**
 * The names of labels that a table has as numbers. The library {@code datasets} keeps them with the
 * file under the key {@value #KEY}, or beside it in {@value #FILE} or {@value DatasetCard#FILE}.
 */
final class ClassLabels {
  private static final String KEY = "huggingface";
  private static final String FILE = "dataset_info.json";

  /** Stands where a label is kept secret, as in the test splits of many benchmarks. */
  private static final int HIDDEN = -1;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** How far up from a file these may lie. */
  private static final int FOLDERS = 3;

  private final Map<String, List<String>> names;

  private ClassLabels(Map<String, List<String>> names) {
    this.names = names;
  }

  /** Those of a file. */
  static ClassLabels of(Configuration hadoop, String file, FileMetaData meta) throws IOException {
    String note = ParquetRows.notes(meta).get(KEY);
    Map<String, List<String>> names = new HashMap<>();
    if (note != null) {
      try {
        collect(JSON.readTree(note).path("info").path("features"), names);
      } catch (JsonProcessingException e) {
        // What another tool put there says nothing about labels.
        names.clear();
      }
    }
    return new ClassLabels(names.isEmpty() ? beside(hadoop, new Path(file)) : names);
  }

  private static Map<String, List<String>> beside(Configuration hadoop, Path file)
      throws IOException {
    Path folder = file.getParent();
    List<String> folders = new ArrayList<>();
    for (int i = 0; i < FOLDERS && folder != null; i++) {
      folders.add(folder.getName());
      Path info = new Path(folder, FILE);
      if (info.getFileSystem(hadoop).exists(info)) {
        Map<String, List<String>> names = new HashMap<>();
        try {
          collect(JsonFile.read(info.getFileSystem(hadoop), info).path("features"), names);
        } catch (JsonObjects.DamagedException e) {
          names.clear();
        }
        return names;
      }
      Path card = new Path(folder, DatasetCard.FILE);
      if (card.getFileSystem(hadoop).exists(card)) {
        try (InputStream in = card.getFileSystem(hadoop).open(card)) {
          return DatasetCard.labels(in, folders, card.toString());
        }
      }
      folder = folder.getParent();
    }
    return Map.of();
  }

  private static void collect(JsonNode features, Map<String, List<String>> into) {
    features
        .fields()
        .forEachRemaining(
            feature -> {
              JsonNode type = feature.getValue();
              // A list of labels states the label as its feature.
              JsonNode label = type.has("feature") ? type.path("feature") : type;
              if (label.path("_type").asText().equals("ClassLabel")
                  && label.path("names").isArray()) {
                List<String> names = new ArrayList<>();
                label.path("names").forEach(name -> names.add(name.asText()));
                into.put(feature.getKey(), names);
              }
            });
  }

  /**
   * Puts names in place of the numbers in {@code row}, and nothing in place of {@value #HIDDEN}.
   *
   * @return what is wrong with a number; null if nothing is
   */
  String name(ObjectNode row) {
    for (Map.Entry<String, List<String>> label : names.entrySet()) {
      JsonNode value = row.get(label.getKey());
      if (value instanceof ArrayNode several) {
        for (int i = 0; i < several.size(); i++) {
          JsonNode name = named(several.get(i), label.getValue());
          if (name == null) {
            return unknown(label, several.get(i));
          }
          several.set(i, name);
        }
      } else if (value != null && value.isIntegralNumber()) {
        JsonNode name =
            value.longValue() == HIDDEN ? row.nullNode() : named(value, label.getValue());
        if (name == null) {
          return unknown(label, value);
        }
        row.set(label.getKey(), name);
      }
    }
    return null;
  }

  private static JsonNode named(JsonNode value, List<String> names) {
    if (!value.isIntegralNumber()) {
      return value;
    }
    return value.canConvertToInt() && value.intValue() >= 0 && value.intValue() < names.size()
        ? TextNode.valueOf(names.get(value.intValue()))
        : null;
  }

  private static String unknown(Map.Entry<String, List<String>> label, JsonNode value) {
    return "%s is %s, and the names of labels are those of 0 to %d"
        .formatted(label.getKey(), value, label.getValue().size() - 1);
  }
}
