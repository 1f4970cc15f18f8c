package org.dapt.io.gguf;

import java.util.Arrays;

/**
 * What a GGUF header says about one tensor.
 *
 * @param name its name in the file
 * @param type how its numbers are packed
 * @param shape its dimensions, the slowest first (in the file they stand the other way round); all
 *     positive, the last a multiple of the type's block
 * @param offset of its first byte in the file's data section
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out
public record GgufTensor(String name, GgufType type, long[] shape, long offset) {
  /** Copies the shape. */
  public GgufTensor {
    shape = shape.clone();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** The numbers in it. */
  public long elements() {
    long elements = 1;
    for (long dimension : shape) {
      elements = Math.multiplyExact(elements, dimension);
    }
    return elements;
  }

  /** The bytes that it takes. */
  public long bytes() {
    return type.bytes(elements());
  }

  /** Just behind its last byte in the data section. */
  long end() {
    return offset + bytes();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GgufTensor that
        && name.equals(that.name)
        && type == that.type
        && Arrays.equals(shape, that.shape)
        && offset == that.offset;
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }
}
