package org.dapt.hostile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.dapt.random.KeyedRandom;

/** Damage that knows nothing of what the bytes mean: lost ends, flipped bits, wrong encodings. */
public final class BrokenBytes {
  private static final double[] KEPT = {0.01, 0.1, 0.5, 0.9, 0.99};

  private BrokenBytes() {}

  /**
   * Variants of {@code valid}, {@code flips} of them by a few random bits; equal for equal seeds.
   */
  public static List<BrokenInput> of(byte[] valid, long seed, int flips) {
    var broken = new ArrayList<BrokenInput>();
    broken.add(new BrokenInput("empty", new byte[0]));
    broken.add(new BrokenInput("one byte", Arrays.copyOf(valid, 1)));
    for (var part : KEPT) {
      broken.add(
          new BrokenInput(
              "cut at " + part, Arrays.copyOf(valid, (int) Math.ceil(part * valid.length))));
    }
    broken.add(new BrokenInput("last byte lost", Arrays.copyOf(valid, valid.length - 1)));
    broken.add(new BrokenInput("first byte lost", Arrays.copyOfRange(valid, 1, valid.length)));
    broken.add(new BrokenInput("nothing but NUL", new byte[valid.length]));
    broken.add(new BrokenInput("nothing but 0xff", filled(valid.length, 0xff)));
    broken.add(new BrokenInput("NUL in front", joined(new byte[4], valid)));
    broken.add(new BrokenInput("NUL behind", joined(valid, new byte[4])));
    broken.add(new BrokenInput("invalid UTF-8 in front", joined(filled(2, 0xc3), valid)));
    broken.add(new BrokenInput("invalid UTF-8 behind", joined(valid, filled(2, 0xc3))));
    broken.add(new BrokenInput("twice", joined(valid, valid)));
    broken.add(new BrokenInput("UTF-16", text(valid).getBytes(StandardCharsets.UTF_16)));
    broken.add(new BrokenInput("UTF-32 mark", joined(new byte[] {0, 0, (byte) 0xfe, -1}, valid)));
    broken.add(new BrokenInput("gzip mark", joined(new byte[] {0x1f, (byte) 0x8b}, valid)));
    for (var i = 0; i < flips; i++) {
      broken.add(flipped(valid, KeyedRandom.of(seed, "flip", String.valueOf(i)), i));
    }
    return broken;
  }

  private static BrokenInput flipped(byte[] valid, RandomGenerator random, int number) {
    var damaged = valid.clone();
    var bits = 1 + random.nextInt(4);
    for (var i = 0; i < bits; i++) {
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return new BrokenInput("bits flipped, draw " + number, damaged);
  }

  private static String text(byte[] valid) {
    return new String(valid, StandardCharsets.UTF_8);
  }

  private static byte[] filled(int length, int value) {
    var bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    var both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
