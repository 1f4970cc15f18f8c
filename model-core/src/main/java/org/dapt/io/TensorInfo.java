package org.dapt.io;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a safetensors header says about one tensor.
 *
 * @param name the tensor's name
 * @param dtype the type of its elements
 * @param shape its dimensions, none negative; empty for a scalar
 * @param begin offset of its first byte in the file's data section
 * @param end offset just behind its last byte in the data section
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, and compared by content
public record TensorInfo(String name, Dtype dtype, long[] shape, long begin, long end) {

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException if a dimension is negative, or {@code end - begin} is not the
   *     size of the shape
   * @throws ArithmeticException if the size of the shape is more than 2^63 - 1 bytes
   */
  public TensorInfo {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(dtype, "dtype");
    shape = shape.clone();
    long size = byteSize(dtype, shape);
    if (begin < 0 || end < begin || end - begin != size) {
      throw new IllegalArgumentException(
          "tensor "
              + name
              + " of type "
              + dtype
              + " and shape "
              + Arrays.toString(shape)
              + " takes "
              + size
              + " bytes, its offsets are ["
              + begin
              + ", "
              + end
              + "]");
    }
  }

  /** The dimensions; a copy. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements: the product of the dimensions, 1 for a scalar. */
  public long elements() {
    return (end - begin) / dtype.bytes();
  }

  /** The number of bytes that the elements take. */
  public long bytes() {
    return end - begin;
  }

  /**
   * The bytes that a tensor takes.
   *
   * @throws IllegalArgumentException if a dimension is negative
   * @throws ArithmeticException if the product overflows, even where another dimension is 0
   */
  static long byteSize(Dtype dtype, long[] shape) {
    long size = dtype.bytes();
    boolean empty = false;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + " has a negative dimension");
      }
      // A dimension of 0 must not hide that the others overflow: strides are made of them.
      size = Math.multiplyExact(size, Math.max(1, dimension));
      empty |= dimension == 0;
    }
    return empty ? 0 : size;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorInfo that
        && name.equals(that.name)
        && dtype == that.dtype
        && Arrays.equals(shape, that.shape)
        && begin == that.begin
        && end == that.end;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, dtype, Arrays.hashCode(shape), begin, end);
  }

  @Override
  public String toString() {
    return name + " " + dtype + Arrays.toString(shape) + " at [" + begin + ", " + end + ")";
  }
}
