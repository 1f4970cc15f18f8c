package org.dapt.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.Shown;

/** A small file that holds one JSON object. */
final class JsonFile {
  static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private JsonFile() {}

  /** The content of {@code file} is not what was written there. */
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The object in {@code file}; a {@link java.io.FileNotFoundException} where there is none. */
  static ObjectNode read(FileSystem files, Path file) throws IOException, DamagedException {
    if (files.getFileStatus(file).isDirectory()) {
      throw new DamagedException("it is a folder, a file is expected", null);
    }
    try (var in = ReadableFile.open(files, file)) {
      if (JSON.readTree(in.readAllBytes()) instanceof ObjectNode object) {
        return object;
      }
      throw new DamagedException("it holds no JSON object", null);
    } catch (JsonProcessingException e) {
      throw new DamagedException(Shown.of(e.getOriginalMessage()), e);
    } catch (CharConversionException e) {
      throw new DamagedException("it is not text in UTF-8", e);
    } catch (ChecksumException e) {
      throw new DamagedException("its checksum differs from its content", e);
    }
  }

  /** The text at {@code field}. */
  static String text(JsonNode object, String field) throws DamagedException {
    var value = object.get(field);
    if (value == null || !value.isTextual()) {
      throw new DamagedException("a text is expected at " + Shown.of(field), null);
    }
    return value.textValue();
  }

  /** The whole number at {@code field}. */
  static long number(JsonNode object, String field) throws DamagedException {
    var value = object.get(field);
    if (value == null || !value.canConvertToLong() || !value.isIntegralNumber()) {
      throw new DamagedException("a whole number is expected at " + field, null);
    }
    return value.longValue();
  }

  /** Writes {@code object} as {@code file}, whole or not at all. */
  static void write(FileSystem files, Path file, ObjectNode object) throws IOException {
    AtomicFile.write(files, file, bytes(object));
  }

  /** The object as indented text. */
  static byte[] bytes(ObjectNode object) throws IOException {
    return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object) + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
