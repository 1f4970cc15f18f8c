package org.dapt.io;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.dapt.error.InputException;

/** What git leaves in place of a large file where Git LFS did not fetch it: a few lines of text. */
public final class LfsPointer {
  private static final byte[] START = "version https://git-lfs".getBytes(StandardCharsets.US_ASCII);

  /** How many bytes suffice to know one. */
  public static final int LENGTH = START.length;

  private LfsPointer() {}

  /** Whether a file that begins with these few bytes may be one. */
  static boolean mayBegin(byte[] beginning) {
    return Arrays.equals(
        beginning, 0, beginning.length, START, 0, Math.min(beginning.length, LENGTH));
  }

  /**
   * Refuses a file that is such a pointer.
   *
   * @param beginning the file, or at least its first bytes
   * @param origin the file's name, for the message
   * @throws InputException if it is one
   */
  public static void refuse(byte[] beginning, String origin) {
    if (beginning.length >= LENGTH && mayBegin(Arrays.copyOf(beginning, LENGTH))) {
      throw new InputException(
          ("%s is not the file but a pointer of Git LFS to it: fetch the file with git lfs pull in"
                  + " the repository that it came from, or download it.")
              .formatted(origin));
    }
  }
}
