package org.dapt.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/** Reads and writes files that hold one JSON object. */
public final class JsonObjects {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private JsonObjects() {}

  /** What was read is not what is expected; the message tells what was found, not where. */
  public static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Reports {@code message}; {@code cause} may be null. */
    public DamagedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A new object without fields. */
  public static ObjectNode create() {
    return JSON.createObjectNode();
  }

  /** {@code value}, which Jackson knows how to write, as JSON. */
  public static JsonNode tree(Object value) {
    return JSON.valueToTree(value);
  }

  /** The JSON value in {@code content}; a missing node where it is empty. */
  public static JsonNode value(byte[] content) throws DamagedException {
    try {
      return JSON.readTree(content);
    } catch (JsonProcessingException e) {
      throw new DamagedException(Shown.of(e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new DamagedException("it is not text in UTF-8", e);
    }
  }

  /** The JSON object in {@code content}. */
  public static ObjectNode read(byte[] content) throws DamagedException {
    if (value(content) instanceof ObjectNode object) {
      return object;
    }
    throw new DamagedException("it holds no JSON object", null);
  }

  /**
   * The object in a file of the local file system.
   *
   * @throws InputException if the file is missing, unreadable, not JSON in UTF-8, or not an object
   */
  public static ObjectNode read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          "%s %s. Expected a JSON file there."
              .formatted(file, Files.exists(file) ? "is not a file" : "does not exist"));
    }
    JsonNode root;
    try {
      root = value(Files.readAllBytes(file));
    } catch (DamagedException e) {
      throw new InputException(
          "%s is not valid JSON: %s. Fetch or write it again.".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read: %s. Check the file and its permissions."
              .formatted(file, e.getMessage()),
          e);
    }
    if (root instanceof ObjectNode object) {
      return object;
    }
    throw new InputException(
        "%s holds %s, expected a JSON object."
            .formatted(file, root.isMissingNode() ? "nothing" : "a JSON " + root.getNodeType()));
  }

  /** The text at {@code field}. */
  public static String text(JsonNode object, String field) throws DamagedException {
    JsonNode value = object.get(field);
    if (value == null || !value.isTextual()) {
      throw new DamagedException("a text is expected at " + Shown.of(field), null);
    }
    return value.textValue();
  }

  /** The whole number at {@code field}. */
  public static long number(JsonNode object, String field) throws DamagedException {
    JsonNode value = object.get(field);
    if (value == null || !value.canConvertToLong() || !value.isIntegralNumber()) {
      throw new DamagedException("a whole number is expected at " + field, null);
    }
    return value.longValue();
  }

  /** {@code object} as indented text with a line end. */
  public static byte[] bytes(ObjectNode object) {
    try {
      return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON nodes are always writable", e);
    }
  }
}
