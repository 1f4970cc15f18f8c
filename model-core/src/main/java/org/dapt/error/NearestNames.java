package org.dapt.error;

import java.util.Comparator;

/**
 * Orders names by their edit distance (Levenshtein) to a misspelt one; those that begin with it
 * come first.
 */
public final class NearestNames {
  private NearestNames() {}

  /** Nearest first, equally near ones by alphabet. */
  public static Comparator<String> to(String wanted) {
    return Comparator.<String, Boolean>comparing(name -> !name.startsWith(wanted))
        .thenComparingInt(name -> distance(wanted, name))
        .thenComparing(Comparator.naturalOrder());
  }

  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
