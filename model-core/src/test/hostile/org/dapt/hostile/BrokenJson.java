package org.dapt.hostile;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.dapt.random.KeyedRandom;

/**
 * Damage to JSON that still is JSON, or nearly: fields that are missing, doubled or of another kind
 * than expected, numbers beyond every range, names that lead elsewhere.
 */
public final class BrokenJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Values to put in the place of another; each is JSON, or what some writers take for it. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1.5",
          "1e400",
          "9223372036854775808",
          "2147483647",
          "2147483648",
          "-9223372036854775808",
          "NaN",
          "Infinity",
          "9".repeat(2000),
          "\"\"",
          "\"text\"",
          "\"../../escaped\"",
          "\"/etc/passwd\"",
          "\"\\u0000\\u001b[2J\\r\\n\"",
          "\"\\ud800\"",
          "\"" + "long".repeat(20_000) + "\"",
          "[]",
          "{}",
          "[[1]]",
          "[null]",
          "{\"a\":{\"b\":1}}",
          "[".repeat(500) + "]".repeat(500),
          "[".repeat(100_000));

  private BrokenJson() {}

  /**
   * Variants of {@code valid}: the ones of the whole document, and {@code fields} draws of a place
   * and what is done to it; equal for equal seeds.
   */
  public static List<BrokenInput> of(byte[] valid, long seed, int fields) {
    try {
      var root = JSON.readTree(valid);
      var broken = new ArrayList<BrokenInput>(documents(new String(valid, StandardCharsets.UTF_8)));
      var places = new ArrayList<JsonPointer>();
      collect(root, JsonPointer.empty(), places);
      for (var i = 0; i < fields; i++) {
        var random = KeyedRandom.of(seed, "field", String.valueOf(i));
        var place = places.get(random.nextInt(places.size()));
        broken.add(change(root.deepCopy(), place, random));
      }
      return broken;
    } catch (IOException e) {
      throw new UncheckedIOException("The document to be broken is not JSON", e);
    }
  }

  private static List<BrokenInput> documents(String valid) {
    var open = valid.indexOf('{') + 1;
    var head = valid.substring(0, open);
    var rest = valid.substring(open);
    return List.of(
        text("a bare number", "1"),
        text("a bare text", "\"" + "x".repeat(10) + "\""),
        text("null", "null"),
        text("an empty object", "{}"),
        text("an empty list", "[]"),
        text("a list around it", "[" + valid + "]"),
        text("lists without an end", "[".repeat(200_000)),
        text("objects without an end", "{\"a\":".repeat(200_000)),
        text("deep, but closed", head + "\"x\":" + nested(5000) + "," + rest),
        text("a comment", "/* hello */" + valid),
        text("something behind it", valid + " trailing"),
        text("a second document", valid + "{}"),
        text("a very long name", head + "\"" + "n".repeat(300_000) + "\":1," + rest),
        text("a name with NUL", head + "\"a\\u0000b\":1," + rest),
        text("a raw control character", head + "\"a\u0001b\":1," + rest),
        text("every name with a look-alike", valid.replace('a', '\u0430')),
        text("typographic quotes", valid.replace('"', '\u201d')),
        text("single quotes", valid.replace('"', '\'')),
        text("a mark for UTF-8 in front", "\ufeff" + valid));
  }

  private static void collect(JsonNode node, JsonPointer at, List<JsonPointer> places) {
    if (node instanceof ObjectNode object) {
      object
          .fieldNames()
          .forEachRemaining(
              name -> {
                var place = at.appendProperty(name);
                places.add(place);
                collect(object.get(name), place, places);
              });
    } else if (node instanceof ArrayNode array) {
      // The first few stand for all of them.
      for (var i = 0; i < Math.min(3, array.size()); i++) {
        var place = at.appendIndex(i);
        places.add(place);
        collect(array.get(i), place, places);
      }
    }
  }

  private static BrokenInput change(JsonNode root, JsonPointer place, RandomGenerator random)
      throws IOException {
    var mark = "\"@" + random.nextLong() + "\"";
    var kind = random.nextInt(VALUES.size() + 3);
    var parent = root.at(place.head());
    if (kind == VALUES.size()) {
      remove(parent, place.last());
      return text(place + " removed", JSON.writeValueAsString(root));
    }
    var former = JSON.writeValueAsString(root.at(place));
    replace(parent, place.last(), JSON.readTree(mark));
    var whole = JSON.writeValueAsString(root);
    if (kind > VALUES.size()) {
      var doubled = former + (parent.isObject() ? ",\"" + name(place) + "\":" : ",") + former;
      return text(place + " twice", whole.replace(mark, doubled));
    }
    var value = VALUES.get(kind);
    var shown = value.length() > 40 ? value.substring(0, 40) + "..." : value;
    return text(place + " = " + shown, whole.replace(mark, value));
  }

  private static String name(JsonPointer place) {
    return place.last().getMatchingProperty();
  }

  private static void remove(JsonNode parent, JsonPointer last) {
    if (parent instanceof ObjectNode object) {
      object.remove(last.getMatchingProperty());
    } else if (parent instanceof ArrayNode array) {
      array.remove(last.getMatchingIndex());
    }
  }

  private static void replace(JsonNode parent, JsonPointer last, JsonNode value) {
    if (parent instanceof ObjectNode object) {
      object.set(last.getMatchingProperty(), value);
    } else if (parent instanceof ArrayNode array) {
      array.set(last.getMatchingIndex(), value);
    }
  }

  private static String nested(int depth) {
    return "{\"x\":".repeat(depth) + "1" + "}".repeat(depth);
  }

  private static BrokenInput text(String name, String content) {
    return new BrokenInput(name, content.getBytes(StandardCharsets.UTF_8));
  }
}
