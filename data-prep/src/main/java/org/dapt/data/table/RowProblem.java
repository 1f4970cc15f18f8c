package org.dapt.data.table;

/** What is wrong with a row, as the rest of a sentence that the place begins. */
public final class RowProblem extends Exception {
  private static final long serialVersionUID = 1L;

  RowProblem(String message) {
    // One for each bad row: where it comes from does not matter.
    super(message, null, false, false);
  }
}
