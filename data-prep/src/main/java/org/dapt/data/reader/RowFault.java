package org.dapt.data.reader;

/** Why a row is no instance. */
public enum RowFault {
  /**
   * It cannot be read, or does not say which task or split it is of: every pass over the file meets
   * it, whatever rows it is for.
   */
  NOBODYS,
  /** Its answer is missing, and nothing else. */
  UNLABELLED,
  /** Something else, in a row of the task and split that are read. */
  OTHER
}
