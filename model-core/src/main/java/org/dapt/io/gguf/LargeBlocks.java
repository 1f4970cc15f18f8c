package org.dapt.io.gguf;

import java.nio.ByteBuffer;

/** Blocks of 256 numbers with scales of their own for parts of 32 or 16. */
final class LargeBlocks {
  private static final int PARTS = 8;
  private static final int PART = 32;

  private LargeBlocks() {}

  /** (d · s) · q − dmin · m, with s and m of the part. */
  static void q4k(ByteBuffer in, int at, float[] out, int to) {
    for (int part = 0; part < PARTS; part++) {
      float scale = HalfFloat.at(in, at) * scale(in, at + 4, part);
      float least = HalfFloat.at(in, at + 2) * least(in, at + 4, part);
      for (int i = 0; i < PART; i++) {
        out[to + part * PART + i] = scale * nibble(in, at + 16, part, i) - least;
      }
    }
  }

  /** As {@link #q4k}, with fifth bits: bit p of byte i belongs to number i of part p. */
  static void q5k(ByteBuffer in, int at, float[] out, int to) {
    for (int part = 0; part < PARTS; part++) {
      float scale = HalfFloat.at(in, at) * scale(in, at + 4, part);
      float least = HalfFloat.at(in, at + 2) * least(in, at + 4, part);
      for (int i = 0; i < PART; i++) {
        int fifth = ((in.get(at + 16 + i) >> part) & 1) << 4;
        out[to + part * PART + i] = scale * (nibble(in, at + 48, part, i) | fifth) - least;
      }
    }
  }

  /**
   * (d · s) · (q − 32), with s for 16 numbers. Each half of a block has its four parts in 64 bytes
   * of low bits and 32 bytes of two high bits.
   */
  static void q6k(ByteBuffer in, int at, float[] out, int to) {
    float d = HalfFloat.at(in, at + 208);
    for (int part = 0; part < PARTS; part++) {
      int half = part / 4;
      int quarter = part % 4;
      for (int i = 0; i < PART; i++) {
        int both = in.get(at + 64 * half + PART * (quarter % 2) + i) & 0xff;
        int low = quarter < 2 ? both & 0xf : both >> 4;
        int high = ((in.get(at + 128 + PART * half + i) >> (2 * quarter)) & 3) << 4;
        float scale = d * in.get(at + 192 + 2 * part + i / 16);
        out[to + part * PART + i] = scale * ((low | high) - 32);
      }
    }
  }

  /** Two parts share 32 bytes: the even one has the low bits. */
  private static int nibble(ByteBuffer in, int at, int part, int i) {
    int both = in.get(at + PART * (part / 2) + i) & 0xff;
    return part % 2 == 0 ? both & 0xf : both >> 4;
  }

  /** The scale of a part: 6 bits, of which the last four parts have two in front of other bytes. */
  private static int scale(ByteBuffer in, int at, int part) {
    return part < 4
        ? in.get(at + part) & 0x3f
        : (in.get(at + 4 + part) & 0xf) | (((in.get(at + part - 4) & 0xff) >> 6) << 4);
  }

  private static int least(ByteBuffer in, int at, int part) {
    return part < 4
        ? in.get(at + 4 + part) & 0x3f
        : ((in.get(at + 4 + part) & 0xff) >> 4) | (((in.get(at + part) & 0xff) >> 6) << 4);
  }
}
