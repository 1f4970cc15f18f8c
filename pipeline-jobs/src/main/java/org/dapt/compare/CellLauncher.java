package org.dapt.compare;

/** Runs single runs of a comparison. */
interface CellLauncher {
  /**
   * Runs {@code cell} to its end. What goes wrong with it is told by the result.
   *
   * @throws InterruptedException if the comparison is called off
   */
  CellEnd run(Cell cell) throws InterruptedException;
}
