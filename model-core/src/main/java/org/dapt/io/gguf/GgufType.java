package org.dapt.io.gguf;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How the numbers of a tensor are packed, as llama.cpp names it: in blocks of equally many bytes,
 * each for equally many numbers. Unpacking computes in float32 and in the order of the {@code gguf}
 * Python package, so that results are equal bit by bit.
 */
public enum GgufType {
  /** IEEE 754 binary32. */
  F32(0, 1, 4),
  /** IEEE 754 binary16. */
  F16(1, 1, 2),
  /** 4 bits, scale. */
  Q4_0(2, 32, 18),
  /** 4 bits, scale and least value. */
  Q4_1(3, 32, 20),
  /** 5 bits, scale. */
  Q5_0(6, 32, 22),
  /** 5 bits, scale and least value. */
  Q5_1(7, 32, 24),
  /** 8 bits, scale. */
  Q8_0(8, 32, 34),
  /** 4 bits, eight packed scales and least values of 6 bits. */
  Q4_K(12, 256, 144),
  /** 5 bits, eight packed scales and least values of 6 bits. */
  Q5_K(13, 256, 176),
  /** 6 bits, sixteen scales of 8 bits. */
  Q6_K(14, 256, 210),
  /** The upper 16 bits of an IEEE 754 binary32. */
  BF16(30, 1, 2);

  /** Names by number, those that are not read included. */
  private static final List<String> NAMES =
      List.of(
          ("F32 F16 Q4_0 Q4_1 Q4_2 Q4_3 Q5_0 Q5_1 Q8_0 Q8_1 Q2_K Q3_K Q4_K "
                  + "Q5_K Q6_K Q8_K IQ2_XXS IQ2_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ2_S "
                  + "IQ4_XS I8 I16 I32 I64 F64 IQ1_M BF16 Q4_0_4_4 Q4_0_4_8 Q4_0_8_8 "
                  + "TQ1_0 TQ2_0 IQ4_NL_4_4 IQ4_NL_4_8 IQ4_NL_8_8 MXFP4 NVFP4")
              .split(" "));

  private final int id;
  private final int block;
  private final int blockBytes;

  GgufType(int id, int block, int blockBytes) {
    this.id = id;
    this.block = block;
    this.blockBytes = blockBytes;
  }

  /** The type of that number in a file; empty where it is not read. */
  static Optional<GgufType> of(long id) {
    return Arrays.stream(values()).filter(type -> type.id == id).findFirst();
  }

  /** The name of the type of that number, also of one that is not read. */
  static String name(long id) {
    return id >= 0 && id < NAMES.size()
        ? NAMES.get((int) id)
        : "number " + Long.toUnsignedString(id);
  }

  /** The names of the types that are read. */
  public static String known() {
    return Arrays.stream(values()).map(GgufType::name).collect(Collectors.joining(", "));
  }

  /** How many numbers a block has. */
  int block() {
    return block;
  }

  /**
   * The bytes of {@code elements} numbers, a multiple of a block's.
   *
   * @throws ArithmeticException if they are more than 2^63 - 1
   */
  long bytes(long elements) {
    return Math.multiplyExact(elements / block, (long) blockBytes);
  }

  /**
   * Unpacks the first {@code count} numbers of {@code in}.
   *
   * @param in little-endian, from 0 on
   * @param count a multiple of a block's
   */
  public void unpack(ByteBuffer in, int count, float[] out) {
    for (int i = 0; i < count / block; i++) {
      unpackBlock(in, i * blockBytes, out, i * block);
    }
  }

  /**
   * Unpacks one block.
   *
   * @param at its first byte
   * @param to the first number to be written
   */
  private void unpackBlock(ByteBuffer in, int at, float[] out, int to) {
    switch (this) {
      case F32 -> out[to] = in.getFloat(at);
      case F16 -> out[to] = HalfFloat.at(in, at);
      case BF16 -> out[to] = Float.intBitsToFloat(in.getShort(at) << 16);
      case Q4_0 -> SmallBlocks.q40(in, at, out, to);
      case Q4_1 -> SmallBlocks.q41(in, at, out, to);
      case Q5_0 -> SmallBlocks.q50(in, at, out, to);
      case Q5_1 -> SmallBlocks.q51(in, at, out, to);
      case Q8_0 -> SmallBlocks.q80(in, at, out, to);
      case Q4_K -> LargeBlocks.q4k(in, at, out, to);
      case Q5_K -> LargeBlocks.q5k(in, at, out, to);
      case Q6_K -> LargeBlocks.q6k(in, at, out, to);
    }
  }
}
