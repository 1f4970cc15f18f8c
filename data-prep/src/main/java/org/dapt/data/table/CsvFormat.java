package org.dapt.data.table;

import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.rows.CsvRows;
import org.dapt.data.rows.Rows;

/** A line of names, and a line of values for each instance; tabs separate them in {@code .tsv}. */
public final class CsvFormat extends FieldsFormat {
  /** Used by {@link java.util.ServiceLoader}. */
  public CsvFormat() {
    super("csv", List.of(".csv", ".tsv"), EnumSet.of(Field.INPUT, Field.OUTPUT));
  }

  @Override
  Rows rows(Configuration hadoop, String file) {
    return new CsvRows(file.contains(".tsv") ? '\t' : ',');
  }
}
