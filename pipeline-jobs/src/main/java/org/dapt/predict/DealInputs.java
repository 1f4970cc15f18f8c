package org.dapt.predict;

import java.io.IOException;
import java.net.URI;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/** The Spark tasks that deal the rows of the input to parts. */
final class DealInputs {
  private DealInputs() {}

  /**
   * What they need.
   *
   * @param kind of the input
   * @param numbers the place of each file among the input's, by its path
   * @param folder where parts go
   */
  record Plan(
      SerializableConfiguration hadoop,
      InputKind kind,
      InputFields fields,
      Map<String, Integer> numbers,
      String folder,
      int partRows)
      implements java.io.Serializable {
    InputPartWriter writer() throws IOException {
      return new InputPartWriter(hadoop.value(), new Path(folder), partRows);
    }
  }

  /** From rows of {@link InputTable}. */
  static final class OfTable implements FlatMapFunction<Iterator<Row>, InputPart> {
    private static final long serialVersionUID = 1L;

    private final Plan plan;

    OfTable(Plan plan) {
      this.plan = plan;
    }

    @Override
    public Iterator<InputPart> call(Iterator<Row> rows) throws IOException {
      try (InputPartWriter writer = plan.writer()) {
        while (rows.hasNext()) {
          Row row = rows.next();
          InputRow input = input(row);
          if (input != null) {
            writer.write(number(row), row.getLong(InputTable.START), input);
          }
        }
        return writer.finish().iterator();
      }
    }

    /** Null for a line with nothing in it. */
    private InputRow input(Row row) {
      String broken = row.getString(InputTable.BROKEN);
      if (broken != null) {
        return InputRow.bad(
            null,
            "it has not as many values as the first line has names: " + Shown.of(broken.strip()));
      }
      String text = row.getString(InputTable.TEXT);
      if (row.getBoolean(InputTable.OBJECT)) {
        return text.isBlank() ? null : plan.fields().ofLine(text);
      }
      return plan.fields()
          .ofColumns(row.getString(InputTable.ID), row.getString(InputTable.INSTRUCTION), text);
    }

    private int number(Row row) {
      // Spark escapes what may not be in a URI.
      String path = new Path(URI.create(row.getString(InputTable.FILE))).toString();
      Integer number = plan.numbers().get(path);
      if (number == null) {
        throw new InputException(
            "%s is not among the files of --input that were found at the start: they changed. Call again."
                .formatted(path));
      }
      return number;
    }
  }

  /** From task files. */
  static final class OfFiles implements FlatMapFunction<Iterator<String>, InputPart> {
    private static final long serialVersionUID = 1L;

    private final Plan plan;

    OfFiles(Plan plan) {
      this.plan = plan;
    }

    @Override
    public Iterator<InputPart> call(Iterator<String> uris) throws IOException {
      try (InputPartWriter writer = plan.writer()) {
        while (uris.hasNext()) {
          String uri = uris.next();
          int number = plan.numbers().get(uri);
          new TaskFileInputs(plan.hadoop().value(), uri, plan.fields())
              .read(row -> writer.write(number, 0, row));
        }
        List<InputPart> parts = writer.finish();
        return parts.iterator();
      }
    }
  }
}
