package org.dapt.io;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dapt.error.InputException;

/** Reads a JSON file that has to hold one object. */
final class JsonFile {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private JsonFile() {}

  /**
   * The object in a file.
   *
   * @throws InputException if the file is missing, unreadable, not JSON in UTF-8, or not an object
   */
  static JsonNode readObject(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          file
              + (Files.exists(file) ? " is not a file" : " does not exist")
              + ". Expected a JSON file there.");
    }
    JsonNode root;
    try {
      root = JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new InputException(
          file + " is not valid JSON: " + e.getMessage() + ". Fetch or write it again.", e);
    }
    if (!root.isObject()) {
      throw new InputException(
          file
              + " holds "
              + (root.isMissingNode() ? "nothing" : "a JSON " + root.getNodeType())
              + ", expected a JSON object.");
    }
    return root;
  }
}
