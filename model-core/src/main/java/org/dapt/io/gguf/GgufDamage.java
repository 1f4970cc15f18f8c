package org.dapt.io.gguf;

import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The failures for a file that is no GGUF file, or a damaged one.
 *
 * @param origin the file's name
 */
record GgufDamage(String origin) {
  /** The failure for what was found. */
  InputException found(String what) {
    return found(what, null);
  }

  /** The failure for what was found, caused by {@code cause}, which may be null. */
  InputException found(String what, Exception cause) {
    return new InputException(
        "%s is not a valid GGUF file: %s. Fetch the file again.".formatted(origin, what), cause);
  }

  /** The failure for a file that is sound as far as one can see, but not of a kind that is read. */
  InputException unsupported(String what) {
    return new InputException("%s cannot be converted: %s.".formatted(origin, what));
  }

  /** A name or value of the file, as messages show it. */
  static String quoted(String text) {
    return '"' + Shown.of(text) + '"';
  }
}
