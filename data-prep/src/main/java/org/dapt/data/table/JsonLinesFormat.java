package org.dapt.data.table;

import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.rows.JsonRows;
import org.dapt.data.rows.Rows;

/** A JSON object a line, or a list of objects. */
public final class JsonLinesFormat extends FieldsFormat {
  /** Endings of files with JSON objects. */
  static final List<String> ENDINGS = List.of(".jsonl", ".ndjson", ".json");

  /** Used by {@link java.util.ServiceLoader}. */
  public JsonLinesFormat() {
    super("jsonl", ENDINGS, EnumSet.of(Field.INPUT, Field.OUTPUT));
  }

  @Override
  Rows rows(Configuration hadoop, String file) {
    return new JsonRows();
  }
}
