package org.dapt.io.gguf;

import java.nio.ByteBuffer;

/**
 * Blocks of 32 numbers. The first half of a block lies in the low four bits of its bytes, the
 * second in the high ones; fifth bits lie together in front.
 */
final class SmallBlocks {
  private static final int HALF = 16;

  private SmallBlocks() {}

  /** d · (q − 8). */
  static void q40(ByteBuffer in, int at, float[] out, int to) {
    float d = HalfFloat.at(in, at);
    for (int i = 0; i < HALF; i++) {
      int both = in.get(at + 2 + i) & 0xff;
      out[to + i] = d * ((both & 0xf) - 8);
      out[to + HALF + i] = d * ((both >> 4) - 8);
    }
  }

  /** d · q + m. */
  static void q41(ByteBuffer in, int at, float[] out, int to) {
    float d = HalfFloat.at(in, at);
    float m = HalfFloat.at(in, at + 2);
    for (int i = 0; i < HALF; i++) {
      int both = in.get(at + 4 + i) & 0xff;
      out[to + i] = d * (both & 0xf) + m;
      out[to + HALF + i] = d * (both >> 4) + m;
    }
  }

  /** d · (q − 16). */
  static void q50(ByteBuffer in, int at, float[] out, int to) {
    float d = HalfFloat.at(in, at);
    int high = in.getInt(at + 2);
    for (int i = 0; i < HALF; i++) {
      int both = in.get(at + 6 + i) & 0xff;
      out[to + i] = d * (((both & 0xf) | fifth(high, i)) - 16);
      out[to + HALF + i] = d * (((both >> 4) | fifth(high, HALF + i)) - 16);
    }
  }

  /** d · q + m. */
  static void q51(ByteBuffer in, int at, float[] out, int to) {
    float d = HalfFloat.at(in, at);
    float m = HalfFloat.at(in, at + 2);
    int high = in.getInt(at + 4);
    for (int i = 0; i < HALF; i++) {
      int both = in.get(at + 8 + i) & 0xff;
      out[to + i] = d * ((both & 0xf) | fifth(high, i)) + m;
      out[to + HALF + i] = d * ((both >> 4) | fifth(high, HALF + i)) + m;
    }
  }

  /** d · q. */
  static void q80(ByteBuffer in, int at, float[] out, int to) {
    float d = HalfFloat.at(in, at);
    for (int i = 0; i < 2 * HALF; i++) {
      out[to + i] = d * in.get(at + 2 + i);
    }
  }

  private static int fifth(int high, int i) {
    return ((high >>> i) & 1) << 4;
  }
}
