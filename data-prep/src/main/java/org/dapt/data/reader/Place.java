package org.dapt.data.reader;

import java.io.Serializable;

/**
 * Where something is in a file.
 *
 * @param file its URI
 * @param unit what is counted, {@code line} for example
 * @param number from 1
 */
public record Place(String file, String unit, long number) implements Serializable {
  /** As {@code FILE: line 17}. */
  @Override
  public String toString() {
    return "%s: %s".formatted(file, within());
  }

  /** As {@code line 17}. */
  public String within() {
    return unit + " " + number;
  }
}
