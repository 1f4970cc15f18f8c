package org.dapt.io.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes GGUF files, also such as no tool would write. */
public final class GgufBuilder {
  /** A tensor, its dimensions in the order of the file. */
  private record Tensor(String name, long[] dimensions, int type, byte[] data) {}

  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();

  /**
   * Adds to the metadata.
   *
   * @param value Integer (32 bits, unsigned), Long (64 bits, unsigned), Float, Boolean, String, a
   *     list of texts, {@code int[]} or {@code float[]}
   */
  public GgufBuilder with(String key, Object value) {
    metadata.put(key, value);
    return this;
  }

  /** Takes a key out. */
  public GgufBuilder without(String key) {
    metadata.remove(key);
    return this;
  }

  /** Adds a tensor of float32 that holds {@code value} everywhere. */
  public GgufBuilder tensor(String name, float value, long... shape) {
    long elements = 1;
    for (long each : shape) {
      elements *= each;
    }
    float[] values = new float[(int) elements];
    Arrays.fill(values, value);
    return tensor(name, values, shape);
  }

  /** Adds a tensor of float32. */
  public GgufBuilder tensor(String name, float[] values, long... shape) {
    Little data = new Little();
    for (float each : values) {
      data.number(Float.floatToRawIntBits(each), 4);
    }
    return tensor(name, 0, data.bytes(), shape);
  }

  /** Adds a tensor of any type. */
  public GgufBuilder tensor(String name, int type, byte[] data, long... shape) {
    long[] dimensions = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      dimensions[i] = shape[shape.length - 1 - i];
    }
    tensors.add(new Tensor(name, dimensions, type, data));
    return this;
  }

  /** Takes a tensor out. */
  public GgufBuilder withoutTensor(String name) {
    tensors.removeIf(tensor -> tensor.name().equals(name));
    return this;
  }

  /** The file. */
  public byte[] bytes() {
    Little out = new Little();
    out.raw("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.number(3, 4).number(tensors.size(), 8).number(metadata.size(), 8);
    metadata.forEach(
        (key, value) -> {
          out.text(key);
          value(out, value, true);
        });
    long offset = 0;
    for (Tensor tensor : tensors) {
      out.text(tensor.name()).number(tensor.dimensions().length, 4);
      for (long each : tensor.dimensions()) {
        out.number(each, 8);
      }
      out.number(tensor.type(), 4).number(offset, 8);
      offset += (tensor.data().length + 31L) / 32 * 32;
    }
    out.pad();
    for (Tensor tensor : tensors) {
      out.raw(tensor.data()).pad();
    }
    return out.bytes();
  }

  /** Writes the file into {@code folder}. */
  public Path write(Path folder) {
    return write(folder, bytes());
  }

  /** Writes {@code content} as a file into {@code folder}. */
  public static Path write(Path folder, byte[] content) {
    try {
      return Files.write(Files.createTempFile(folder, "model", ".gguf"), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void value(Little out, Object value, boolean typed) {
    if (value instanceof int[] numbers) {
      out.number(9, 4).number(5, 4).number(numbers.length, 8);
      for (int each : numbers) {
        out.number(each, 4);
      }
    } else if (value instanceof float[] numbers) {
      out.number(9, 4).number(6, 4).number(numbers.length, 8);
      for (float each : numbers) {
        out.number(Float.floatToRawIntBits(each), 4);
      }
    } else if (value instanceof List<?> texts) {
      out.number(9, 4).number(8, 4).number(texts.size(), 8);
      texts.forEach(each -> value(out, each, false));
    } else if (value instanceof Float number) {
      out.number(6, 4).number(Float.floatToRawIntBits(number), 4);
    } else if (value instanceof Boolean truth) {
      out.number(7, 4).number(truth ? 1 : 0, 1);
    } else if (value instanceof Long number) {
      out.number(10, 4).number(number, 8);
    } else if (value instanceof Integer number) {
      out.number(4, 4).number(number, 4);
    } else {
      if (typed) {
        out.number(8, 4);
      }
      out.text((String) value);
    }
  }

  /** Bytes with little-endian numbers. */
  static final class Little {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** The lowest {@code size} bytes of a number. */
    Little number(long number, int size) {
      for (int i = 0; i < size; i++) {
        bytes.write((int) (number >> (8 * i)));
      }
      return this;
    }

    /** A text with its length in front. */
    Little text(String text) {
      byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
      return number(encoded.length, 8).raw(encoded);
    }

    /** Bytes as they are. */
    Little raw(byte[] content) {
      bytes.writeBytes(content);
      return this;
    }

    /** Zeros up to a multiple of 32. */
    Little pad() {
      return raw(new byte[(32 - bytes.size() % 32) % 32]);
    }

    /** All of them. */
    byte[] bytes() {
      return bytes.toByteArray();
    }
  }
}
