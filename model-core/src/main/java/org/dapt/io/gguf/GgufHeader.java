package org.dapt.io.gguf;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.error.InputException;

/**
 * The header of a GGUF file of version 2 or 3. Nothing in it is believed: every number is checked
 * before it is used as a size or an offset, so that a damaged or hostile file ends in an {@link
 * InputException} and in nothing else.
 *
 * @param metadata what it says of the model
 * @param tensors its tensors by name
 * @param dataStart where in the file the data section begins
 */
record GgufHeader(GgufMetadata metadata, SortedMap<String, GgufTensor> tensors, long dataStart) {
  private static final byte[] MAGIC = {'G', 'G', 'U', 'F'};
  private static final String ALIGNMENT = "general.alignment";
  private static final int USUAL_ALIGNMENT = 32;
  private static final int WIDEST_ALIGNMENT = 1 << 20;
  private static final int MOST_KEYS = 65_536;

  /** Of a model with the 10,000 layers that a configuration may have. */
  private static final int MOST_TENSORS = 100_000;

  private static final int LONGEST_NAME = 64;
  private static final int MOST_DIMENSIONS = 4;

  /** A key takes a length, a byte, a type and a value of one byte. */
  private static final int LEAST_KEY = 14;

  /** A tensor takes a length, a byte, a count, one dimension, a type and an offset. */
  private static final int LEAST_TENSOR = 33;

  /**
   * Reads a header and checks it against the length of the file.
   *
   * @param in the file from its beginning
   * @param fileLength bytes of the whole file
   */
  static GgufHeader read(GgufInput in, long fileLength, GgufDamage damage) throws IOException {
    if (fileLength < MAGIC.length || !Arrays.equals(in.bytes(MAGIC.length, "its mark"), MAGIC)) {
      throw damage.found("it does not begin with GGUF");
    }
    version(in.unsigned(4, "its version"), damage);
    int tensorCount = in.count(8, LEAST_TENSOR, MOST_TENSORS, "tensors");
    int keyCount = in.count(8, LEAST_KEY, MOST_KEYS, "keys");
    GgufMetadata metadata = new MetadataReader(in, damage).read(keyCount);
    SortedMap<String, GgufTensor> tensors = new TreeMap<>();
    for (int i = 0; i < tensorCount; i++) {
      GgufTensor tensor = tensor(in, damage);
      if (tensors.putIfAbsent(tensor.name(), tensor) != null) {
        throw damage.found("it has the tensor %s twice".formatted(quoted(tensor)));
      }
    }
    int alignment = alignment(metadata);
    long start = aligned(in.position(), alignment);
    checkLayout(tensors.values(), alignment, Math.max(0, fileLength - start), damage);
    return new GgufHeader(metadata, tensors, start);
  }

  private static void version(long version, GgufDamage damage) {
    if (version == 2 || version == 3) {
      return;
    }
    if (Integer.reverseBytes((int) version) == 2 || Integer.reverseBytes((int) version) == 3) {
      throw damage.unsupported("it is big-endian, and little-endian files are read only");
    }
    throw damage.unsupported(
        "it has version %d of the format; versions 2 and 3 are read. Fetch a file that a newer llama.cpp has written"
            .formatted(version));
  }

  private static int alignment(GgufMetadata metadata) {
    int alignment = metadata.whole(ALIGNMENT, 1).orElse(USUAL_ALIGNMENT);
    if (alignment < 8 || alignment > WIDEST_ALIGNMENT || Integer.bitCount(alignment) != 1) {
      throw metadata.damaged(
          "%s is %d, expected a power of two from 8 to %d"
              .formatted(ALIGNMENT, alignment, WIDEST_ALIGNMENT));
    }
    return alignment;
  }

  private static GgufTensor tensor(GgufInput in, GgufDamage damage) throws IOException {
    String name = in.text(LONGEST_NAME, "a tensor's name");
    String quoted = GgufDamage.quoted(name);
    int dimensions = in.count(4, 8, MOST_DIMENSIONS, "dimensions of " + quoted);
    if (dimensions == 0) {
      throw damage.found("the tensor %s has no dimensions".formatted(quoted));
    }
    long[] shape = new long[dimensions];
    for (int i = dimensions - 1; i >= 0; i--) {
      shape[i] = in.unsigned(8, "a dimension of " + quoted);
      if (shape[i] <= 0) {
        throw damage.found(
            "a dimension of the tensor %s is %s, expected 1 to 2^63 - 1"
                .formatted(quoted, Long.toUnsignedString(shape[i])));
      }
    }
    long id = in.unsigned(4, "the type of " + quoted);
    GgufType type =
        GgufType.of(id)
            .orElseThrow(
                () ->
                    damage.unsupported(
                        "the tensor %s is of type %s; read are %s. Fetch the model in one of these types"
                            .formatted(quoted, GgufType.name(id), GgufType.known())));
    long offset = in.unsigned(8, "the offset of " + quoted);
    GgufTensor tensor = new GgufTensor(name, type, shape, offset);
    if (shape[dimensions - 1] % type.block() != 0) {
      throw damage.found(
          "the rows of the tensor %s have %d numbers, expected a multiple of %d as its type %s packs them"
              .formatted(quoted, shape[dimensions - 1], type.block(), type));
    }
    try {
      tensor.bytes();
    } catch (ArithmeticException e) {
      throw damage.found(
          "the tensor %s of shape %s has more than 2^63 - 1 bytes"
              .formatted(quoted, Arrays.toString(shape)),
          e);
    }
    return tensor;
  }

  /** Checks that tensors follow each other with nothing but padding between them. */
  private static void checkLayout(
      Collection<GgufTensor> tensors, int alignment, long dataLength, GgufDamage damage) {
    List<GgufTensor> byOffset =
        tensors.stream()
            .sorted(Comparator.comparingLong(GgufTensor::offset).thenComparing(GgufTensor::name))
            .toList();
    long expected = 0;
    String previous = "the header";
    for (GgufTensor tensor : byOffset) {
      if (tensor.offset() != expected) {
        throw damage.found(
            "the tensor %s begins at byte %s of the data, expected %d, where %s ends: %s"
                .formatted(
                    quoted(tensor),
                    Long.toUnsignedString(tensor.offset()),
                    expected,
                    previous,
                    tensor.offset() % alignment != 0
                        ? "not aligned to " + alignment
                        : tensor.offset() >= 0 && tensor.offset() < expected ? "overlap" : "hole"));
      }
      if (tensor.bytes() > dataLength - tensor.offset()) {
        throw damage.found(
            "it is truncated: the tensor %s takes %d bytes, but the file ends after %d of them"
                .formatted(
                    quoted(tensor), tensor.bytes(), Math.max(0, dataLength - tensor.offset())));
      }
      expected = aligned(tensor.end(), alignment);
      previous = quoted(tensor);
    }
    if (dataLength > expected) {
      throw damage.found(
          "the data has %d bytes, the header describes %d: bytes that belong to no tensor"
              .formatted(dataLength, expected));
    }
  }

  private static long aligned(long position, int alignment) {
    return (position + alignment - 1) / alignment * alignment;
  }

  private static String quoted(GgufTensor tensor) {
    return GgufDamage.quoted(tensor.name());
  }
}
