package org.dapt.terminal;

/** How long something took, for people. */
public final class SpentTime {
  private SpentTime() {}

  /** 42 s, 3 min 5 s, 2 h 10 min. */
  public static String text(double seconds) {
    long s = Math.round(seconds);
    if (s < 60) {
      return s + " s";
    }
    return s < 3600 ? s / 60 + " min " + s % 60 + " s" : s / 3600 + " h " + s % 3600 / 60 + " min";
  }
}
