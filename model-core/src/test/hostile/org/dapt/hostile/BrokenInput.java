package org.dapt.hostile;

import java.util.stream.Stream;

/**
 * The content of a file that is not as it should be.
 *
 * @param name what was done to it
 * @param content its bytes
 */
public record BrokenInput(String name, byte[] content) {
  /**
   * Damage to the bytes and to the JSON of {@code valid}: at least {@code fields} of the latter.
   */
  public static Stream<BrokenInput> json(byte[] valid, long seed, int fields) {
    return Stream.concat(
        BrokenBytes.of(valid, seed, 12).stream(), BrokenJson.of(valid, seed, fields).stream());
  }

  @Override
  public String toString() {
    return name;
  }
}
