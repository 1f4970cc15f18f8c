package org.dapt.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.error.InputException;

/**
 * Reads the JSON header of a safetensors file. Nothing in it is believed: every number is checked
 * before it is used as a size or an offset, so that a damaged or hostile file ends in an {@link
 * InputException} and in nothing else.
 */
final class SafetensorsHeader {
  /** The limit of the reference implementation; a larger header is an attack or not a header. */
  static final long MAX_LENGTH = 100_000_000;

  /** Bytes of the header's length in front of the header. */
  static final int PREFIX = 8;

  static final String METADATA = "__metadata__";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Names come from the file: neither kept for the life of the process nor counted against
          // a limit.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final SafetensorsDamage damage;
  private final SortedMap<String, TensorInfo> tensors = new TreeMap<>();
  private final SortedMap<String, String> metadata = new TreeMap<>();

  private SafetensorsHeader(SafetensorsDamage damage) {
    this.damage = damage;
  }

  /**
   * Checks the length of a header.
   *
   * @param length the number in the file's first eight bytes
   * @param fileLength the length of the whole file
   */
  static int checkedLength(long length, long fileLength, String origin) {
    if (length < 2 || length > MAX_LENGTH) {
      throw new SafetensorsDamage(origin)
          .found(
              "its header length is %s, expected 2 to %d"
                  .formatted(Long.toUnsignedString(length), MAX_LENGTH));
    }
    if (length > fileLength - PREFIX) {
      throw new SafetensorsDamage(origin)
          .found(
              "its header has %d bytes, but the file ends after %d of them"
                  .formatted(length, fileLength - PREFIX));
    }
    return (int) length;
  }

  /** The failure for a file that has not even {@link #PREFIX} bytes. */
  static InputException tooShort(String origin, long fileLength) {
    return new SafetensorsDamage(origin)
        .found("it has %d bytes, expected at least %d".formatted(fileLength, PREFIX));
  }

  /**
   * Parses a header and checks it against the size of the data behind it.
   *
   * @param json the header's bytes
   * @param dataLength bytes in the file behind the header
   * @param origin the file's name, for messages
   */
  static SafetensorsHeader parse(byte[] json, long dataLength, String origin) {
    SafetensorsDamage damage = new SafetensorsDamage(origin);
    SafetensorsHeader header = new SafetensorsHeader(damage);
    if (json.length == 0 || json[0] != '{') {
      throw damage.found("its header does not start with {");
    }
    // Decoded here, strictly: the JSON parser would guess UTF-16 or UTF-32 from the first bytes.
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      throw damage.found("its header is not UTF-8", e);
    }
    try (JsonParser parser = JSON.createParser(text)) {
      header.read(parser);
    } catch (IOException e) {
      throw damage.found("its header is not the expected JSON: " + e.getMessage(), e);
    }
    TensorLayout.check(header.tensors.values(), dataLength, damage);
    return header;
  }

  /** The tensors by name. */
  SortedMap<String, TensorInfo> tensors() {
    return Collections.unmodifiableSortedMap(tensors);
  }

  /** The free-form metadata; empty if there is none. */
  SortedMap<String, String> metadata() {
    return Collections.unmodifiableSortedMap(metadata);
  }

  private void read(JsonParser parser) throws IOException {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = encodable(parser.getCurrentName());
      JsonToken value = parser.nextToken();
      if (value != JsonToken.START_OBJECT) {
        throw damage.found("the entry " + SafetensorsDamage.quoted(name) + " is not an object");
      }
      if (name.equals(METADATA)) {
        readMetadata(parser);
      } else {
        tensors.put(name, new TensorEntryReader(damage).read(name, parser));
      }
    }
    if (parser.nextToken() != null) {
      throw damage.found("its header goes on behind the closing }");
    }
  }

  private void readMetadata(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = encodable(parser.getCurrentName());
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw damage.found(
            "the metadata value of " + SafetensorsDamage.quoted(key) + " is not a string");
      }
      metadata.put(key, encodable(parser.getText()));
    }
  }

  private String encodable(String text) {
    if (!isEncodable(text)) {
      throw damage.found("its header has a name or value with half a surrogate pair");
    }
    return text;
  }

  /** Whether {@code text} can be written as UTF-8, that is, has no lone surrogates. */
  static boolean isEncodable(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
