package org.dapt.io;

/**
 * The element types of a safetensors file that are understood here, named as in its header. They
 * are declared in the order in which the reference implementation lays tensors out, widest first,
 * which keeps every tensor aligned to its element size.
 */
public enum Dtype {
  /** 64-bit signed integer. */
  I64(8),
  /** IEEE 754 binary64. */
  F64(8),
  /** IEEE 754 binary32. */
  F32(4),
  /** 32-bit signed integer. */
  I32(4),
  /** The upper 16 bits of an IEEE 754 binary32. */
  BF16(2),
  /** IEEE 754 binary16. */
  F16(2),
  /** 16-bit signed integer. */
  I16(2),
  /** 8-bit signed integer. */
  I8(1),
  /** 8-bit unsigned integer. */
  U8(1),
  /** One byte, 0 or 1. */
  BOOL(1);

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  /** Whether its elements are real numbers, not whole ones or truth values. */
  public boolean isReal() {
    return switch (this) {
      case F64, F32, F16, BF16 -> true;
      case I64, I32, I16, I8, U8, BOOL -> false;
    };
  }

  /** The size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
