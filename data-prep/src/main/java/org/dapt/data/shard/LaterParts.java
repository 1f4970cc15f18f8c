package org.dapt.data.shard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.data.reader.BadRows;
import org.dapt.data.shard.TaskManifest.Input;
import org.dapt.data.shard.TaskManifest.SplitContent;

/**
 * Parts of a manifest that those of earlier versions lack, with what held then. Those that say
 * nothing of task files are left out where that still holds, so that their manifests stay as they
 * were.
 */
final class LaterParts {
  private LaterParts() {}

  /** Adds those that {@code manifest} lacks. */
  static void add(JsonNode manifest) {
    if (manifest instanceof ObjectNode object) {
      Stream.concat(TaskManifest.OPTIONAL.stream(), Stream.of(TaskManifest.DRAWN_FROM))
          .filter(name -> !object.has(name))
          .forEach(object::putNull);
    }
    if (manifest.path("recipe") instanceof ObjectNode recipe) {
      if (!recipe.has(Recipe.BEGIN_OF_TEXT)) {
        recipe.put(Recipe.BEGIN_OF_TEXT, true);
      }
      addZeros(recipe, Recipe.MOST);
      if (!recipe.has(Recipe.FIELDS)) {
        recipe.putObject(Recipe.FIELDS);
      }
      if (!recipe.has(Recipe.BAD_ROWS)) {
        recipe.put(Recipe.BAD_ROWS, BadRows.FAIL.text());
      }
    }
    for (JsonNode input : manifest.path("inputs")) {
      if (input instanceof ObjectNode file && !file.has(Input.BAD_ROWS)) {
        file.put(Input.BAD_ROWS, 0);
      }
    }
    for (JsonNode split : manifest.path("splits")) {
      if (split instanceof ObjectNode content) {
        addZeros(content, SplitContent.LATER);
      }
    }
  }

  private static void addZeros(ObjectNode to, List<String> names) {
    names.stream().filter(name -> !to.has(name)).forEach(name -> to.put(name, 0));
  }

  /** Takes out those that say nothing. */
  static void leaveOut(JsonNode manifest) {
    ObjectNode object = (ObjectNode) manifest;
    object.remove(
        TaskManifest.OPTIONAL.stream().filter(name -> object.get(name).isNull()).toList());
    ObjectNode recipe = (ObjectNode) object.get("recipe");
    if (recipe.get(Recipe.FIELDS).isEmpty()) {
      recipe.remove(Recipe.FIELDS);
    }
    if (recipe.get(Recipe.BAD_ROWS).asText().equals(BadRows.FAIL.text())) {
      recipe.remove(Recipe.BAD_ROWS);
    }
    for (JsonNode input : object.get("inputs")) {
      if (input.get(Input.BAD_ROWS).asLong() == 0) {
        ((ObjectNode) input).remove(Input.BAD_ROWS);
      }
    }
  }
}
