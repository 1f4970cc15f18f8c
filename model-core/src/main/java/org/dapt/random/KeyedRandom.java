package org.dapt.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.random.RandomGenerator;
import org.dapt.digest.Sha256;

/**
 * Random generators keyed by a seed and by what they are drawn for, such as {@code (seed, "order",
 * task, shard, epoch)}.
 *
 * <p>Equal keys give equal sequences in every process and on every machine, whatever was drawn
 * before; different keys give independent sequences. So no draw depends on how work is spread over
 * executors, and a resumed run needs no stored generator state. The state is the SHA-256 of the key
 * parts, the generator is xoshiro256++ (Blackman and Vigna, 2021), whose code is here so that
 * another Java release cannot change the sequences.
 */
public final class KeyedRandom {
  private static final byte TEXT = 't';
  private static final byte NUMBER = 'n';

  private KeyedRandom() {}

  /**
   * A new generator, not safe for use by several threads.
   *
   * @param seed the seed of the run or of the splits
   * @param key what the numbers are for: each part a {@link CharSequence}, an {@link Enum} (by its
   *     name), a {@link Long} or an {@link Integer} (equal numbers of the two types are equal
   *     parts)
   * @throws IllegalArgumentException if a part is of another type or null
   */
  public static RandomGenerator of(long seed, Object... key) {
    MessageDigest digest = Sha256.start();
    addNumber(digest, seed);
    for (Object part : key) {
      if (part instanceof Long || part instanceof Integer) {
        addNumber(digest, ((Number) part).longValue());
      } else if (part instanceof CharSequence text) {
        addText(digest, text.toString());
      } else if (part instanceof Enum<?> constant) {
        addText(digest, constant.name());
      } else {
        throw new IllegalArgumentException(
            "A part of a random key must be a text, an enum constant, a long or an int, not "
                + part);
      }
    }
    ByteBuffer state = ByteBuffer.wrap(digest.digest());
    return new Xoshiro256(state.getLong(), state.getLong(), state.getLong(), state.getLong());
  }

  private static void addNumber(MessageDigest digest, long number) {
    digest.update(NUMBER);
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
  }

  private static void addText(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(TEXT);
    // The length keeps ("ab", "c") apart from ("a", "bc").
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    digest.update(bytes);
  }

  private static final class Xoshiro256 implements RandomGenerator {
    private long s0;
    private long s1;
    private long s2;
    private long s3;

    Xoshiro256(long s0, long s1, long s2, long s3) {
      this.s0 = s0;
      this.s1 = s1;
      this.s2 = s2;
      this.s3 = s3;
    }

    @Override
    public long nextLong() {
      long result = Long.rotateLeft(s0 + s3, 23) + s0;
      long shifted = s1 << 17;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = Long.rotateLeft(s3, 45);
      return result;
    }
  }
}
