package org.dapt.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

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

  private final String origin;
  private final SortedMap<String, TensorInfo> tensors = new TreeMap<>();
  private final SortedMap<String, String> metadata = new TreeMap<>();

  private SafetensorsHeader(String origin) {
    this.origin = origin;
  }

  /**
   * Checks the length of a header.
   *
   * @param length the number in the file's first eight bytes
   * @param fileLength the length of the whole file
   */
  static int checkedLength(long length, long fileLength, String origin) {
    if (length < 2 || length > MAX_LENGTH) {
      throw broken(
          origin,
          "its header length is "
              + Long.toUnsignedString(length)
              + ", expected 2 to "
              + MAX_LENGTH);
    }
    if (length > fileLength - PREFIX) {
      throw broken(
          origin,
          "its header has "
              + length
              + " bytes, but the file ends after "
              + (fileLength - PREFIX)
              + " of them");
    }
    return (int) length;
  }

  /** The failure for a file that has not even {@link #PREFIX} bytes. */
  static InputException tooShort(String origin, long fileLength) {
    return broken(origin, "it has " + fileLength + " bytes, expected at least " + PREFIX);
  }

  /**
   * Parses a header and checks it against the size of the data behind it.
   *
   * @param json the header's bytes
   * @param dataLength bytes in the file behind the header
   * @param origin the file's name, for messages
   */
  static SafetensorsHeader parse(byte[] json, long dataLength, String origin) {
    SafetensorsHeader header = new SafetensorsHeader(origin);
    if (json.length == 0 || json[0] != '{') {
      throw header.broken("its header does not start with {");
    }
    // Decoded here, strictly: the JSON parser would guess UTF-16 or UTF-32 from the first bytes.
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      throw header.broken("its header is not UTF-8", e);
    }
    try (JsonParser parser = JSON.createParser(text)) {
      header.read(parser);
    } catch (IOException e) {
      throw header.broken("its header is not the expected JSON: " + e.getMessage(), e);
    }
    header.checkLayout(dataLength);
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
        throw broken("the entry " + quoted(name) + " is not an object");
      }
      if (name.equals(METADATA)) {
        readMetadata(parser);
      } else {
        tensors.put(name, readTensor(name, parser));
      }
    }
    if (parser.nextToken() != null) {
      throw broken("its header goes on behind the closing }");
    }
  }

  private void readMetadata(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = encodable(parser.getCurrentName());
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw broken("the metadata value of " + quoted(key) + " is not a string");
      }
      metadata.put(key, encodable(parser.getText()));
    }
  }

  private TensorInfo readTensor(String name, JsonParser parser) throws IOException {
    Dtype dtype = null;
    long[] shape = null;
    long[] offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.getCurrentName();
      parser.nextToken();
      switch (field) {
        case "dtype" -> dtype = dtype(name, parser);
        case "shape" -> shape = naturals(name, field, parser);
        case "data_offsets" -> offsets = naturals(name, field, parser);
        default -> parser.skipChildren();
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      throw broken("tensor " + quoted(name) + " lacks one of dtype, shape and data_offsets");
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw broken(
          "tensor "
              + quoted(name)
              + " has data_offsets "
              + Shown.of(Arrays.toString(offsets))
              + ", expected [begin, end]");
    }
    long size;
    try {
      size = TensorInfo.byteSize(dtype, shape);
    } catch (ArithmeticException e) {
      throw broken(
          "the shape "
              + Shown.of(Arrays.toString(shape))
              + " of tensor "
              + quoted(name)
              + " overflows",
          e);
    }
    if (offsets[1] - offsets[0] != size) {
      throw broken(
          "tensor "
              + quoted(name)
              + " has "
              + (offsets[1] - offsets[0])
              + " bytes, but its shape "
              + Shown.of(Arrays.toString(shape))
              + " of "
              + dtype
              + " takes "
              + size);
    }
    return new TensorInfo(name, dtype, shape, offsets[0], offsets[1]);
  }

  private Dtype dtype(String name, JsonParser parser) throws IOException {
    String found = parser.getText();
    for (Dtype dtype : Dtype.values()) {
      if (parser.currentToken() == JsonToken.VALUE_STRING && dtype.name().equals(found)) {
        return dtype;
      }
    }
    throw new InputException(
        origin
            + ": tensor "
            + quoted(name)
            + " has dtype "
            + quoted(found)
            + ", expected one of "
            + Arrays.toString(Dtype.values())
            + ". Convert the file to one of these types.");
  }

  private long[] naturals(String name, String field, JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw broken(field + " of tensor " + quoted(name) + " is not a list");
    }
    List<Long> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean natural =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && parser.getLongValue() >= 0;
      if (!natural) {
        throw broken(
            field
                + " of tensor "
                + quoted(name)
                + " holds "
                + quoted(parser.getText())
                + ", expected whole numbers from 0 to 2^63 - 1");
      }
      values.add(parser.getLongValue());
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * The tensors, in order of their offsets, have to cover the data section without holes or
   * overlaps.
   */
  private void checkLayout(long dataLength) {
    List<TensorInfo> byOffset = new ArrayList<>(tensors.values());
    byOffset.sort(
        (a, b) ->
            a.begin() != b.begin()
                ? Long.compare(a.begin(), b.begin())
                : Long.compare(a.end(), b.end()));
    long covered = 0;
    String previous = "the header";
    for (TensorInfo tensor : byOffset) {
      if (tensor.begin() != covered) {
        throw broken(
            "tensor "
                + quoted(tensor.name())
                + " begins at byte "
                + tensor.begin()
                + " of the data, expected "
                + covered
                + ", where "
                + previous
                + " ends: "
                + (tensor.begin() < covered ? "overlap" : "hole"));
      }
      covered = tensor.end();
      previous = quoted(tensor.name());
    }
    if (covered > dataLength) {
      throw broken(
          "it is truncated: the data has "
              + dataLength
              + " bytes, the header describes "
              + covered);
    }
    if (covered < dataLength) {
      throw broken(
          "the data has "
              + dataLength
              + " bytes, the header describes "
              + covered
              + ": bytes that belong to no tensor");
    }
  }

  private String encodable(String text) {
    if (!isEncodable(text)) {
      throw broken("its header has a name or value with half a surrogate pair");
    }
    return text;
  }

  /** Whether {@code text} can be written as UTF-8, that is, has no lone surrogates. */
  static boolean isEncodable(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static String quoted(String text) {
    return '"' + Shown.of(text) + '"';
  }

  private InputException broken(String what) {
    return broken(origin, what);
  }

  private InputException broken(String what, Exception cause) {
    return new InputException(message(origin, what), cause);
  }

  private static InputException broken(String origin, String what) {
    return new InputException(message(origin, what));
  }

  private static String message(String origin, String what) {
    return origin
        + " is not a valid safetensors file: "
        + what
        + ". Write or fetch the file again.";
  }
}
