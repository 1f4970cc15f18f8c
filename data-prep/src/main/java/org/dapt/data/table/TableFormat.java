package org.dapt.data.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.reader.TaskReader;
import org.dapt.data.rows.RowSink;
import org.dapt.data.rows.Rows;
import org.dapt.error.InputException;

/**
 * A format whose files are tables: an instance is a row, and what counts is in fields that the user
 * may name.
 */
public abstract class TableFormat implements TaskFormat {
  /** Rows that say which fields there are, for a row need not have all of them. */
  private static final int LOOKED_AT = 100;

  private static final int MOST_VALUES = 1000;

  private final String name;
  private final List<String> endings;
  private final Set<Field> fields;
  private final Set<Field> required;

  /**
   * @param endings of the names of its files, without those of compression
   * @param fields that a row may have
   * @param required those without which there is no instance
   */
  TableFormat(String name, List<String> endings, Set<Field> fields, Set<Field> required) {
    this.name = name;
    this.endings = List.copyOf(endings);
    this.fields = EnumSet.copyOf(fields);
    this.required = EnumSet.copyOf(required);
  }

  @Override
  public final String name() {
    return name;
  }

  /** Of the names of its files, with a dot, without those of compression. */
  public final List<String> endings() {
    return endings;
  }

  /** The fields that a row may have. */
  public final Set<Field> fields() {
    return EnumSet.copyOf(fields);
  }

  /** The names by which {@code field} is looked for where the user names none. */
  List<String> usual(Field field) {
    return field.usual();
  }

  /** How the file of this name holds rows. */
  abstract Rows rows(Configuration hadoop, String file);

  /** The instance of a row. */
  abstract Instance instance(ObjectNode row, FieldNames names) throws RowProblem;

  /**
   * Which fields of {@code file} count.
   *
   * @param stated those that the user names
   * @throws InputException if that cannot be known, or there is no row
   */
  public final FieldNames resolve(Configuration hadoop, TaskFile file, FieldNames stated)
      throws IOException {
    return stated.resolve(fields, required, this::usual, columns(hadoop, file), file.uri());
  }

  /** The names in the first rows of {@code file}. */
  public final Set<String> columns(Configuration hadoop, TaskFile file) throws IOException {
    return look(hadoop, file).columns;
  }

  /** Those of these names whose first value is a list. */
  public final Set<String> lists(Configuration hadoop, TaskFile file) throws IOException {
    return look(hadoop, file).lists;
  }

  private Looked look(Configuration hadoop, TaskFile file) throws IOException {
    Looked looked = new Looked();
    try (InputStream content = file.open(hadoop)) {
      rows(hadoop, file.uri()).read(content, file.uri(), null, looked);
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read: %s. Correct the file, or let this user read it."
              .formatted(file.uri(), e.getMessage()),
          e);
    }
    if (looked.columns.isEmpty()) {
      throw new InputException(
          "%s has no row that can be read%s. Correct the file, or tasks.format (which is %s)."
              .formatted(file.uri(), looked.problem == null ? "" : ": " + looked.problem, name));
    }
    return looked;
  }

  /**
   * The different values of {@code field} in {@code tables}, in their order, up to a thousand.
   *
   * @param names of {@link #resolve}
   */
  public final Set<String> values(
      Configuration hadoop, List<TaskFile> tables, FieldNames names, Field field)
      throws IOException {
    Set<String> values = new LinkedHashSet<>();
    RowSink sink =
        new RowSink() {
          @Override
          public boolean accept(long number, ObjectNode row) {
            try {
              String value = RowValues.text(row, names, field);
              if (value != null) {
                values.add(value);
              }
            } catch (RowProblem e) {
              // It is said where the row is read for itself.
              return true;
            }
            return values.size() < MOST_VALUES;
          }

          @Override
          public boolean bad(long number, String problem) {
            return true;
          }
        };
    for (TaskFile file : tables) {
      try (InputStream content = file.open(hadoop)) {
        rows(hadoop, file.uri()).read(content, file.uri(), names.columns(), sink);
      }
    }
    return values;
  }

  /**
   * A reader of the rows that {@code filter} takes.
   *
   * @param names of {@link #resolve}
   */
  public final TaskReader reader(Configuration hadoop, FieldNames names, RowFilter filter) {
    return new TableReader(this, hadoop, names, filter);
  }

  private static final class Looked implements RowSink {
    private final Set<String> columns = new LinkedHashSet<>();
    private final Set<String> valued = new HashSet<>();
    private final Set<String> lists = new LinkedHashSet<>();
    private String problem;
    private int rows;

    @Override
    public boolean accept(long number, ObjectNode row) {
      row.fields()
          .forEachRemaining(
              field -> {
                columns.add(field.getKey());
                JsonNode value = field.getValue();
                if (!value.isNull() && valued.add(field.getKey()) && value.isArray()) {
                  lists.add(field.getKey());
                }
              });
      return ++rows < LOOKED_AT;
    }

    @Override
    public boolean bad(long number, String found) {
      problem = problem == null ? "in the first that is there, " + found : problem;
      return ++rows < LOOKED_AT;
    }
  }
}
