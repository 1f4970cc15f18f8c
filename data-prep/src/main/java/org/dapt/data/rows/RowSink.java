package org.dapt.data.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Takes the rows of a file one after the other. */
public interface RowSink {
  /**
   * Takes a row.
   *
   * @param number where it begins, from 1: its line, or its place in a file without lines
   * @return whether to go on
   */
  boolean accept(long number, ObjectNode row) throws IOException;

  /** Is told, ahead of the rows, of a column with texts that they are read without. */
  default void unread(String column) {}

  /**
   * Is told of a row that cannot be read, behind which reading goes on.
   *
   * @param problem what is wrong, as the rest of a sentence that the place begins
   * @return whether to go on
   */
  boolean bad(long number, String problem) throws IOException;
}
