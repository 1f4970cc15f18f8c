package org.dapt.data.table;

import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.reader.TaskReader;

/**
 * How files are read.
 *
 * @param format value of {@code tasks.format}
 * @param names of the fields; null where the files are no tables
 * @param filter which rows are meant
 */
public record Reading(String format, FieldNames names, RowFilter filter) implements Serializable {
  /** The reader of the files. */
  public TaskReader reader(Configuration hadoop) {
    return TaskFormat.of(format) instanceof TableFormat table
        ? table.reader(hadoop, names, filter)
        : TaskReader.named(format);
  }
}
