package org.dapt.io.gguf;

import java.nio.ByteBuffer;

/** Numbers of IEEE 754 binary16. */
final class HalfFloat {
  private HalfFloat() {}

  /** The number at {@code at} as float32, which has a place for each of them. */
  static float at(ByteBuffer in, int at) {
    int bits = in.getShort(at) & 0xffff;
    int sign = (bits >>> 15) << 31;
    int exponent = (bits >>> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      // A fraction of 2^-14, or 0 with its sign.
      float small = fraction * 0x1p-24f;
      return sign == 0 ? small : -small;
    }
    int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
  }
}
