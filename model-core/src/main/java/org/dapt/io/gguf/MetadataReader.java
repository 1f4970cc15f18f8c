package org.dapt.io.gguf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the metadata of a GGUF file. */
final class MetadataReader {
  /** Of keys, by the format's description. */
  private static final int LONGEST_KEY = 65_535;

  private static final int LONGEST_TEXT = 16_000_000;

  /** Entries of all lists together; the largest vocabularies have a few hundred thousand. */
  private static final int MOST_ELEMENTS = 1 << 21;

  private static final int ARRAY = 9;
  private static final int TEXT = 8;
  private static final int TRUTH = 7;

  /** Bytes of the types by their numbers; the least that a text takes. */
  private static final int[] BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

  private final GgufInput in;
  private final GgufDamage damage;
  private int elements;

  MetadataReader(GgufInput in, GgufDamage damage) {
    this.in = in;
    this.damage = damage;
  }

  /** Reads {@code count} keys with their values. */
  GgufMetadata read(int count) throws IOException {
    Map<String, Object> values = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String key = in.text(LONGEST_KEY, "a key");
      Object value = value(type(key), key);
      if (values.putIfAbsent(key, value) != null) {
        throw damage.found("it has the key %s twice".formatted(GgufDamage.quoted(key)));
      }
    }
    return new GgufMetadata(values, damage);
  }

  private int type(String key) throws IOException {
    long type = in.unsigned(4, "the type of a value");
    if (type >= BYTES.length) {
      throw damage.found(
          "the value of %s has the unknown type %d".formatted(GgufDamage.quoted(key), type));
    }
    return (int) type;
  }

  private Object value(int type, String key) throws IOException {
    return switch (type) {
      case ARRAY -> list(key);
      case TEXT -> in.text(LONGEST_TEXT, "the value of " + GgufDamage.quoted(key));
      case TRUTH -> truth(key);
      case 6, 12 -> real(type, key);
      default -> whole(type, key);
    };
  }

  private Object list(String key) throws IOException {
    int type = type(key);
    if (type == ARRAY) {
      throw damage.found("%s is a list of lists".formatted(GgufDamage.quoted(key)));
    }
    int count =
        in.count(8, BYTES[type], MOST_ELEMENTS - elements, "entries of " + GgufDamage.quoted(key));
    elements += count;
    if (type == TEXT) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        texts.add(in.text(LONGEST_TEXT, "an entry of " + GgufDamage.quoted(key)));
      }
      return List.copyOf(texts);
    }
    if (type == 6 || type == 12) {
      double[] reals = new double[count];
      for (int i = 0; i < count; i++) {
        reals[i] = real(type, key);
      }
      return reals;
    }
    long[] wholes = new long[count];
    for (int i = 0; i < count; i++) {
      wholes[i] = type == TRUTH ? (truth(key) ? 1 : 0) : whole(type, key);
    }
    return wholes;
  }

  private boolean truth(String key) throws IOException {
    long value = in.unsigned(1, "the value of " + GgufDamage.quoted(key));
    if (value > 1) {
      throw damage.found("%s is %d, expected 0 or 1".formatted(GgufDamage.quoted(key), value));
    }
    return value == 1;
  }

  /** A real; one of 32 bits becomes the shortest decimal fraction that stands for it. */
  private double real(int type, String key) throws IOException {
    long bits = in.unsigned(BYTES[type], "the value of " + GgufDamage.quoted(key));
    return type == 12
        ? Double.longBitsToDouble(bits)
        : Double.parseDouble(Float.toString(Float.intBitsToFloat((int) bits)));
  }

  private long whole(int type, String key) throws IOException {
    long value = in.unsigned(BYTES[type], "the value of " + GgufDamage.quoted(key));
    if (type == 10 && value < 0) {
      throw damage.found(
          "%s is %s, expected less than 2^63"
              .formatted(GgufDamage.quoted(key), Long.toUnsignedString(value)));
    }
    return switch (type) {
      case 1 -> (byte) value;
      case 3 -> (short) value;
      case 5 -> (int) value;
      default -> value;
    };
  }
}
