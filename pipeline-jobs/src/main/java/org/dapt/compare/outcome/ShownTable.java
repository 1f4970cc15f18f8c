package org.dapt.compare.outcome;

import java.util.List;

/**
 * A table of the outcome for people.
 *
 * @param caption what it shows
 * @param heads of the columns
 * @param rows the first column names what a row is about
 */
public record ShownTable(String caption, List<Head> heads, List<List<Shown>> rows) {
  /** The head of a column, and what it means; that may be empty. */
  public record Head(String title, String meaning) {}

  /**
   * A cell.
   *
   * @param text for people
   * @param value null where it is no number
   * @param best whether it is the best of its column
   */
  public record Shown(String text, Double value, boolean best) {
    static Shown of(String text) {
      return new Shown(text, null, false);
    }
  }
}
