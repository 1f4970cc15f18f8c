package org.dapt.terminal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line about how far long work is: redrawn in place where standard error is a terminal, a line
 * of the log twice a minute otherwise, so that a night's work leaves a log that can be read. For
 * one thread.
 */
public final class ProgressLine {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressLine.class);
  private static final double SECONDS_BETWEEN_LINES = 30;
  private static final double SECONDS_BETWEEN_REDRAWS = 0.5;

  private final boolean redrawn = Terminal.here().redraws(Terminal.ERR);
  private long lastShown = System.nanoTime();
  private boolean open;

  /** Whether it is time for another line. */
  public boolean due() {
    return (System.nanoTime() - lastShown) / 1e9
        >= (redrawn ? SECONDS_BETWEEN_REDRAWS : SECONDS_BETWEEN_LINES);
  }

  /**
   * Shows {@code line}.
   *
   * @param last whether the work is done, so that the line stays
   */
  public void show(String line, boolean last) {
    lastShown = System.nanoTime();
    if (!redrawn) {
      LOG.info("{}", line);
      return;
    }
    System.err.print("\r\u001b[2K" + line + (last ? System.lineSeparator() : ""));
    System.err.flush();
    open = !last;
  }

  /** Ends a line that is still being redrawn, so that what comes next has a line of its own. */
  public void end() {
    if (open) {
      System.err.println();
      open = false;
    }
  }
}
