package org.dapt.compare;

import org.dapt.error.ExitCode;
import org.dapt.error.TrainingException;

/**
 * How a run ended.
 *
 * @param cell the run
 * @param code as a process exits; 0 for done
 * @param reason what was said of a failure; empty where it is done
 * @param log where the whole of it is: a file, or in words
 */
public record CellEnd(Cell cell, int code, String reason, String log) {
  /** Whether it is done. */
  public boolean isDone() {
    return code == 0;
  }

  /** Whether its training failed for what may pass: lost machines, memory. */
  boolean mayTrainNextTime() {
    return code == ExitCode.TRAINING.code() && !reason.contains(TrainingException.DIVERGED);
  }

  /** A line for people about a failure. */
  public String text() {
    return "%s: exit code %d, log %s%s"
        .formatted(cell.name(), code, log, reason.isEmpty() ? "" : ": " + reason);
  }
}
