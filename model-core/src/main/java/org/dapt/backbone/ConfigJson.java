package org.dapt.backbone;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * Reads typed values out of a model's config.json; a wrong one is an {@link InputException} that
 * names file and key.
 */
public final class ConfigJson {
  private static final int MOST_LAYERS = 10_000;

  private final JsonNode json;
  private final String file;

  /** The values of {@code json}, which was read from {@code file}. */
  public ConfigJson(JsonNode json, String file) {
    this.json = json;
    this.file = file;
  }

  /** Whether there is a value. */
  public boolean has(String key) {
    return json.hasNonNull(key);
  }

  /** A whole number of at least 1; required. */
  public int positive(String key) {
    return atLeast(1, key, require(key));
  }

  /** A whole number of at least 1. */
  public int positive(String key, int fallback) {
    return json.hasNonNull(key) ? positive(key) : fallback;
  }

  /** A number of layers, 10,000 at most; required. */
  public int layers(String key) {
    JsonNode value = require(key);
    int layers = atLeast(1, key, value);
    if (layers > MOST_LAYERS) {
      throw wrong(key, value, "a number of layers, " + MOST_LAYERS + " at most");
    }
    return layers;
  }

  /** A number of layers, 10,000 at most. */
  public int layers(String key, int fallback) {
    return json.hasNonNull(key) ? layers(key) : fallback;
  }

  /** Checks that every one of {@code ids}, which {@code key} names, has a row in the embedding. */
  public void requireBelow(int vocabulary, String key, Collection<Integer> ids) {
    for (int id : ids) {
      if (id >= vocabulary) {
        throw new InputException(
            "%s: %s is %d, expected a token id below vocab_size, which is %d"
                .formatted(file, key, id, vocabulary));
      }
    }
  }

  /** A whole number of at least 0. */
  public int count(String key, int fallback) {
    return json.hasNonNull(key) ? atLeast(0, key, json.get(key)) : fallback;
  }

  /** One whole number of at least 0, or a list of such. */
  public List<Integer> counts(String key, int fallback) {
    if (!json.hasNonNull(key)) {
      return List.of(fallback);
    }
    JsonNode value = json.get(key);
    if (!value.isArray()) {
      return List.of(atLeast(0, key, value));
    }
    List<Integer> counts = new ArrayList<>();
    value.forEach(entry -> counts.add(atLeast(0, key, entry)));
    if (counts.isEmpty()) {
      throw wrong(key, value, "at least one id");
    }
    return counts;
  }

  /** A positive number. */
  public double real(String key, double fallback) {
    if (!json.hasNonNull(key)) {
      return fallback;
    }
    JsonNode value = json.get(key);
    if (!value.isNumber() || !(value.doubleValue() > 0)) {
      throw wrong(key, value, "a positive number");
    }
    return value.doubleValue();
  }

  /** true or false. */
  public boolean flag(String key, boolean fallback) {
    if (!json.hasNonNull(key)) {
      return fallback;
    }
    JsonNode value = json.get(key);
    if (!value.isBoolean()) {
      throw wrong(key, value, "true or false");
    }
    return value.booleanValue();
  }

  /** A text. */
  public String text(String key, String fallback) {
    if (!json.hasNonNull(key)) {
      return fallback;
    }
    JsonNode value = json.get(key);
    if (!value.isTextual()) {
      throw wrong(key, value, "a text");
    }
    return value.textValue();
  }

  private JsonNode require(String key) {
    if (!json.hasNonNull(key)) {
      throw new InputException(
          file + ": the key " + key + " is missing; the model cannot be built without it");
    }
    return json.get(key);
  }

  private int atLeast(int least, String key, JsonNode value) {
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < least) {
      throw wrong(key, value, "a whole number of at least " + least);
    }
    return value.intValue();
  }

  private InputException wrong(String key, JsonNode found, String expected) {
    return new InputException(
        file + ": " + key + " is " + Shown.of(found) + ", expected " + expected);
  }
}
