package org.dapt.compare.outcome;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.compare.Places;
import org.dapt.data.file.AtomicFile;
import org.dapt.job.Version;
import org.dapt.spark.ParquetFolder;

/** Writes an outcome: Markdown, a page, and each table as CSV and Parquet. */
public final class OutcomeFiles {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Outcome outcome;
  private final List<OutcomeTable> tables;

  /** Of {@code outcome}. */
  public OutcomeFiles(Outcome outcome) {
    this.outcome = outcome;
    this.tables =
        List.of(
            OutcomeTables.methods(outcome),
            OutcomeTables.runs(outcome),
            OutcomeTables.pairs(outcome),
            OutcomeTables.tasks(outcome),
            OutcomeTables.unseen(outcome),
            OutcomeTables.tuning(outcome));
  }

  /** Writes all files in the place of those that may be there. */
  public void write(SparkSession spark, FileSystem files, Places places) throws IOException {
    write(files, places.outcome("comparison.md"), markdown());
    write(
        files,
        places.outcome("comparison.html"),
        ComparisonPage.of(title(), notes(), onPage(), Version.text()));
    for (OutcomeTable table : tables) {
      write(files, places.outcome(table.name() + ".csv"), CsvText.of(table));
      List<Row> rows = table.rows().stream().map(row -> RowFactory.create(row.toArray())).toList();
      ParquetFolder.write(
          files,
          spark.createDataFrame(rows, columns(table)).coalesce(1),
          places.outcome(table.name() + ".parquet"));
    }
  }

  private static void write(FileSystem files, Path file, String text) throws IOException {
    AtomicFile.write(files, file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The tables for people, as Markdown. */
  public String markdown() {
    return MarkdownText.of(
        title(), notes(), shown(ShownPairs.ofBest(outcome, OutcomeTables.PAIRS + ".csv")));
  }

  /** The tables for machines, as one JSON document. */
  public String json() {
    ObjectNode document = JSON.createObjectNode();
    document.put("format", "1");
    notes().forEach(document.putArray("notes")::add);
    for (OutcomeTable table : tables) {
      ArrayNode rows = document.putArray(table.name());
      for (List<Object> row : table.rows()) {
        ObjectNode object = rows.addObject();
        for (int i = 0; i < row.size(); i++) {
          object.set(table.columns().get(i).name(), JSON.valueToTree(row.get(i)));
        }
      }
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document)
          + System.lineSeparator();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String title() {
    return "Comparison of "
        + outcome.runs().stream().map(run -> run.cell().method()).distinct().count()
        + " methods";
  }

  private List<String> notes() {
    long done = outcome.runs().stream().filter(RunFigures::isDone).count();
    List<String> notes = new ArrayList<>(outcome.notes());
    notes.addAll(0, ScoreMeaning.notes(outcome.runs()));
    notes.add(0, "%d of %d runs are done.".formatted(done, outcome.runs().size()));
    return notes;
  }

  /** A page has room for more than a text. */
  private List<ShownTable> onPage() {
    List<ShownTable> more = new ArrayList<>(ShownTables.tasks(outcome));
    more.addAll(ShownPairs.all(outcome));
    return shown(more);
  }

  private List<ShownTable> shown(List<ShownTable> pairs) {
    List<ShownTable> shown = new ArrayList<>(ShownTables.methods(outcome));
    shown.addAll(pairs);
    Optional.of(outcome).flatMap(ShownTables::tuning).ifPresent(shown::add);
    Optional.of(outcome).flatMap(ShownTables::missing).ifPresent(shown::add);
    return shown;
  }

  private static StructType columns(OutcomeTable table) {
    StructType columns = new StructType();
    for (OutcomeTable.Column column : table.columns()) {
      columns =
          columns.add(
              column.name(),
              switch (column.type()) {
                case TEXT -> DataTypes.StringType;
                case TRUTH -> DataTypes.BooleanType;
                case WHOLE -> DataTypes.LongType;
                case NUMBER -> DataTypes.DoubleType;
              });
    }
    return columns;
  }
}
