package org.dapt.hostile;

import java.util.List;
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

  /** All of {@code parts} in one list. */
  @SafeVarargs
  public static List<BrokenInput> all(List<BrokenInput>... parts) {
    return Stream.of(parts).flatMap(List::stream).toList();
  }

  @Override
  public String toString() {
    return name;
  }
}
