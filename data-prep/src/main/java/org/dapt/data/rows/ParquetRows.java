package org.dapt.data.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.dapt.error.DaptException;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The rows of a Parquet file, of which the end is read first: the file is opened by its name. The
 * labels that {@code datasets} of Hugging Face stores as numbers become their names.
 */
public final class ParquetRows implements Rows {
  private final Configuration hadoop;

  /**
   * @param hadoop the settings of the file systems
   */
  public ParquetRows(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  @Override
  public String unit() {
    return "row";
  }

  @Override
  public void read(InputStream content, String file, Set<String> wanted, RowSink sink)
      throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(file), hadoop))) {
      MessageType found = reader.getFileMetaData().getSchema();
      MessageType columns = columns(found, wanted);
      ClassLabels labels = ClassLabels.of(hadoop, file, reader.getFileMetaData());
      reader.setRequestedSchema(columns);
      for (Type column : found.getFields()) {
        if (!columns.containsField(column.getName()) && holdsText(column)) {
          sink.unread(column.getName());
        }
      }
      rows(reader, columns, labels, sink);
    } catch (RuntimeException e) {
      // Also what the sink says comes by here.
      throw e instanceof DaptException ? e : unreadable(file, e);
    } catch (IOException e) {
      if (e.getCause() != null) {
        throw e;
      }
      throw unreadable(file, e);
    }
  }

  private static void rows(
      ParquetFileReader reader, MessageType columns, ClassLabels labels, RowSink sink)
      throws IOException {
    ColumnIOFactory factory = new ColumnIOFactory();
    long number = 0;
    boolean goOn = true;
    PageReadStore group = reader.readNextRowGroup();
    while (goOn && group != null) {
      RecordReader<Group> records =
          factory.getColumnIO(columns).getRecordReader(group, new GroupRecordConverter(columns));
      for (long i = 0; goOn && i < group.getRowCount(); i++) {
        number++;
        ObjectNode row = ParquetNodes.row(records.read());
        String problem = labels.name(row);
        goOn = problem == null ? sink.accept(number, row) : sink.bad(number, problem);
      }
      group = goOn ? reader.readNextRowGroup() : null;
    }
  }

  private static boolean holdsText(Type type) {
    return type.isPrimitive()
        ? type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation
        : type.asGroupType().getFields().stream().anyMatch(ParquetRows::holdsText);
  }

  /** At least one, for a row without columns is none. */
  private static MessageType columns(MessageType found, Set<String> wanted) {
    if (wanted == null) {
      return found;
    }
    List<Type> columns = new ArrayList<>();
    for (Type column : found.getFields()) {
      if (wanted.contains(column.getName())) {
        columns.add(column);
      }
    }
    return columns.isEmpty() ? found : new MessageType(found.getName(), columns);
  }

  /** The names of the columns of a file. */
  public static List<String> names(Configuration hadoop, String file) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(file), hadoop))) {
      return reader.getFileMetaData().getSchema().getFields().stream().map(Type::getName).toList();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  /** What the file says of itself by key. */
  static Map<String, String> notes(org.apache.parquet.hadoop.metadata.FileMetaData file) {
    return file.getKeyValueMetaData();
  }

  private static InputException unreadable(String file, Exception failure) {
    return new InputException(
        "%s cannot be read as Parquet: %s. Fetch it again, if it is Parquet at all."
            .formatted(file, Shown.of(failure.getMessage())),
        failure);
  }
}
