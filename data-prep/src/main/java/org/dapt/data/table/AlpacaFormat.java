package org.dapt.data.table;

import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.rows.JsonRows;
import org.dapt.data.rows.Rows;

/**
 * Instructions as the data of Alpaca have them: {@code instruction}, maybe {@code input}, {@code
 * output}.
 */
public final class AlpacaFormat extends FieldsFormat {
  /** Used by {@link java.util.ServiceLoader}. */
  public AlpacaFormat() {
    super("alpaca", JsonLinesFormat.ENDINGS, EnumSet.of(Field.INSTRUCTION, Field.OUTPUT));
  }

  /** An instruction is asked without input as well: what else a row has is no input. */
  @Override
  List<String> usual(Field field) {
    return field == Field.INPUT ? List.of(field.key()) : super.usual(field);
  }

  @Override
  Rows rows(Configuration hadoop, String file) {
    return new JsonRows();
  }
}
