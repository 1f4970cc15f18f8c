package org.dapt.data.table;

import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.rows.ParquetRows;
import org.dapt.data.rows.Rows;

/** Parquet, as {@code datasets} of Hugging Face writes it. */
public final class ParquetFormat extends FieldsFormat {
  /** Used by {@link java.util.ServiceLoader}. */
  public ParquetFormat() {
    super("parquet", List.of(".parquet"), EnumSet.of(Field.INPUT, Field.OUTPUT));
  }

  @Override
  Rows rows(Configuration hadoop, String file) {
    return new ParquetRows(hadoop);
  }
}
