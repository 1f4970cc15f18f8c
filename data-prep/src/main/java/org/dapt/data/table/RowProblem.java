package org.dapt.data.table;

import org.dapt.data.reader.RowFault;

/** What is wrong with a row, as the rest of a sentence that the place begins. */
public final class RowProblem extends Exception {
  private static final long serialVersionUID = 1L;

  private final RowFault fault;

  RowProblem(String message) {
    this(RowFault.OTHER, message);
  }

  RowProblem(RowFault fault, String message) {
    // One for each bad row: where it comes from does not matter.
    super(message, null, false, false);
    this.fault = fault;
  }

  /** What kind of row it is. */
  RowFault fault() {
    return fault;
  }
}
