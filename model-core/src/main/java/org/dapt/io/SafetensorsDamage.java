package org.dapt.io;

import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The failures for a file that is no safetensors file.
 *
 * @param origin the file's name
 */
record SafetensorsDamage(String origin) {
  /** The failure for what was found. */
  InputException found(String what) {
    return found(what, null);
  }

  /** The failure for what was found, caused by {@code cause}, which may be null. */
  InputException found(String what, Exception cause) {
    return new InputException(
        "%s is not a valid safetensors file: %s. Write or fetch the file again."
            .formatted(origin, what),
        cause);
  }

  /** A name or value of the file, as messages show it. */
  static String quoted(String text) {
    return '"' + Shown.of(text) + '"';
  }
}
