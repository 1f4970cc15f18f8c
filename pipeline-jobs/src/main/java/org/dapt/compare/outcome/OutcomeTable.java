package org.dapt.compare.outcome;

import java.util.List;

/**
 * A table of the outcome for machines.
 *
 * @param name of its files
 * @param columns in their order
 * @param rows with a value for each column, null where there is none
 */
record OutcomeTable(String name, List<Column> columns, List<List<Object>> rows) {
  /** Of what type values are. */
  enum CellType {
    TEXT,
    TRUTH,
    WHOLE,
    NUMBER
  }

  /** A column. */
  record Column(String name, CellType type) {}
}
