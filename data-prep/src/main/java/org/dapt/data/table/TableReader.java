package org.dapt.data.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.InstanceSink;
import org.dapt.data.reader.Place;
import org.dapt.data.reader.RowFault;
import org.dapt.data.reader.TaskReader;
import org.dapt.data.rows.RowSink;
import org.dapt.data.rows.Rows;

/** Makes instances of the rows of a file. */
final class TableReader implements TaskReader {
  private final TableFormat format;
  private final Configuration hadoop;
  private final FieldNames names;
  private final RowFilter filter;

  TableReader(TableFormat format, Configuration hadoop, FieldNames names, RowFilter filter) {
    this.format = format;
    this.hadoop = hadoop;
    this.names = names;
    this.filter = filter;
  }

  @Override
  public String name() {
    return format.name();
  }

  @Override
  public String read(InputStream content, String file, InstanceSink sink) throws IOException {
    Rows rows = format.rows(hadoop, file);
    Set<String> columns = names.columns();
    long[] position = {0};
    List<String> unread = new ArrayList<>();
    rows.read(
        content,
        file,
        columns,
        new RowSink() {
          @Override
          public void unread(String column) {
            unread.add(column);
          }

          @Override
          public boolean accept(long number, ObjectNode row) throws IOException {
            Place place = new Place(file, rows.unit(), number);
            try {
              if (filter.takes(row, names)) {
                Instance instance = format.instance(row, names).at(place);
                tellOfOthers(row, columns, sink);
                unread.forEach(sink::passedOver);
                sink.accept(position[0]++, instance);
              } else {
                sink.leftOut();
              }
            } catch (RowProblem e) {
              sink.bad(place, e.fault(), e.getMessage());
            }
            return true;
          }

          @Override
          public boolean bad(long number, String problem) throws IOException {
            sink.bad(new Place(file, rows.unit(), number), RowFault.NOBODYS, problem);
            return true;
          }
        });
    return "";
  }

  private static void tellOfOthers(ObjectNode row, Set<String> columns, InstanceSink sink) {
    row.fields()
        .forEachRemaining(
            field -> {
              JsonNode value = field.getValue();
              boolean some = value.isTextual() ? !value.textValue().isBlank() : value.size() > 0;
              if (some && !columns.contains(field.getKey())) {
                sink.passedOver(field.getKey());
              }
            });
  }
}
