package org.dapt.io.gguf;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The header of a GGUF file, read from its beginning. What it says about sizes is checked against
 * what is left of the file before anything is allocated.
 */
final class GgufInput {
  /** As for safetensors; a larger header is an attack or not a header. */
  static final long LONGEST_HEADER = 100_000_000;

  private final InputStream in;
  private final GgufDamage damage;

  /** Bytes up to which the header may go. */
  private final long limit;

  private final boolean whole;
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private long position;

  /**
   * @param in the file from its beginning
   * @param fileLength the length of the whole file
   */
  GgufInput(InputStream in, long fileLength, GgufDamage damage) {
    this.in = in;
    this.damage = damage;
    limit = Math.min(fileLength, LONGEST_HEADER);
    whole = fileLength <= LONGEST_HEADER;
  }

  /** Bytes read so far. */
  long position() {
    return position;
  }

  /** Bytes that the header may still have. */
  long left() {
    return limit - position;
  }

  /** The next bytes. */
  byte[] bytes(int count, String what) throws IOException {
    require(count, what);
    byte[] bytes = in.readNBytes(count);
    position += bytes.length;
    if (bytes.length < count) {
      throw new EOFException("the file became shorter while it was read");
    }
    return bytes;
  }

  /** A little-endian number of {@code size} bytes, 8 at most, not negative below 8. */
  long unsigned(int size, String what) throws IOException {
    number.clear().putLong(0, 0).put(bytes(size, what));
    return number.getLong(0);
  }

  /**
   * A count of things that take at least {@code least} bytes each.
   *
   * @param most how many are believed
   */
  int count(int size, long least, int most, String what) throws IOException {
    long count = unsigned(size, what);
    if (count < 0 || count > most) {
      throw damage.found(
          "it claims %s %s, expected %d at most"
              .formatted(Long.toUnsignedString(count), what, most));
    }
    require(count * least, "%d %s".formatted(count, what));
    return (int) count;
  }

  /** A text with its length in front, {@code longest} bytes at most. */
  String text(int longest, String what) throws IOException {
    int length = count(8, 1, longest, "bytes of " + what);
    byte[] bytes = bytes(length, what);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw damage.found(what + " is not UTF-8", e);
    }
  }

  /** Checks that the header can have {@code bytes} more. */
  void require(long bytes, String what) {
    if (bytes > left()) {
      throw damage.found(
          whole
              ? "%s would take %d bytes, but the file ends after %d of them"
                  .formatted(what, bytes, left())
              : "its header would go beyond %d bytes with %s".formatted(LONGEST_HEADER, what));
    }
  }
}
