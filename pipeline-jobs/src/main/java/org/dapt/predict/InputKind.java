package org.dapt.predict;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;
import org.dapt.data.reader.DataJson;
import org.dapt.error.ConfigException;

/** How the inputs are written. */
public enum InputKind {
  /** A task file: {@code {"Definition": [...], "Instances": [...]}}, or a list of instances. */
  JSON,
  /** One JSON object a line. */
  JSONL,
  /** A table. */
  PARQUET,
  /** A table with a line of names first. */
  CSV;

  private static final JsonFactory FACTORY = DataJson.factory();
  private static final Set<String> TASK_FIELDS = Set.of("Definition", "Instances");

  /** The kind that an option names, in small letters. */
  public static InputKind named(String name) {
    for (InputKind kind : values()) {
      if (kind.text().equals(name)) {
        return kind;
      }
    }
    throw new ConfigException(
        "--input-format is %s, expected json, jsonl, parquet or csv.".formatted(name));
  }

  /** As options name it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What the name of a file says; null if it says nothing. */
  static InputKind ofName(String name) {
    String bare = name.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|bz2|zst|snappy|lz4)$", "");
    String ending = bare.substring(bare.lastIndexOf('.') + 1);
    return switch (ending) {
      case "json" -> JSON;
      case "jsonl", "ndjson" -> JSONL;
      case "parquet" -> PARQUET;
      case "csv" -> CSV;
      default -> null;
    };
  }

  /**
   * Whether a file with the name of {@link #JSON} is a task file or has a JSON object a line, from
   * its first object. What is neither counts as a task file: its reader knows best what is wrong.
   */
  static InputKind ofJson(InputStream content) throws IOException {
    try (JsonParser parser = FACTORY.createParser(content)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return JSON;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        if (TASK_FIELDS.contains(parser.currentName())) {
          return JSON;
        }
        parser.nextToken();
        parser.skipChildren();
      }
      return parser.currentToken() == JsonToken.END_OBJECT ? JSONL : JSON;
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      return JSON;
    }
  }
}
