package org.dapt.method.subspace;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Of which matrix X the directions of some inputs H {@code [n, d]} are the singular vectors. */
public enum Spectrum {
  /**
   * Hᵀ, as papers have it: a direction's energy is the sum of the squares of what inputs have in
   * it.
   */
  INPUTS,
  /**
   * HᵀH, as published code has it: the energies are the squares of those of {@link #INPUTS}, so
   * fewer directions hold as large a part of them.
   */
  MOMENTS;

  /** All of them as a configuration has them. */
  public static List<String> texts() {
    return Arrays.stream(values()).map(Spectrum::text).toList();
  }

  /** The one that {@link #text} gives {@code text}. */
  public static Spectrum of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /** As a configuration has it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
