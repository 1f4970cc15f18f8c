package org.dapt.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.spark.CsvColumns;
import org.dapt.spark.LiteralPaths;
import org.dapt.spark.ParquetColumns;

/**
 * The input as Spark reads it, a row at a time and split as Spark likes: seven columns, the file
 * and the place in it where the row's split begins, the id, the instruction, the text, whether the
 * text is all of the row as a JSON object, and the row itself where it is no row of its table.
 */
final class InputTable {
  static final int FILE = 0;
  static final int START = 1;
  static final int ID = 2;
  static final int INSTRUCTION = 3;
  static final int TEXT = 4;
  static final int OBJECT = 5;
  static final int BROKEN = 6;

  private static final Column NOTHING = functions.lit(null).cast(DataTypes.StringType);

  private final SparkSession spark;
  private final InputFiles files;
  private final InputFields fields;

  InputTable(SparkSession spark, InputFiles files, InputFields fields) {
    this.spark = spark;
    this.files = files;
    this.fields = fields;
  }

  /**
   * The rows of any input but task files.
   *
   * @throws InputException where the table lacks a column or has one that is no text
   */
  Dataset<Row> rows() {
    String[] paths = files.files().stream().map(Path::toString).toArray(String[]::new);
    return switch (files.kind()) {
      case JSONL -> objects(LiteralPaths.reader(spark).text(paths), functions.col("value"));
      case PARQUET -> {
        ParquetColumns columns =
            ParquetColumns.of(
                spark.sessionState().newHadoopConf(),
                files.files().get(0),
                columns(fields.input(), fields.id(), fields.instruction(), fields.messages()));
        Dataset<Row> table = LiteralPaths.reader(spark).schema(columns.wanted()).parquet(paths);
        yield type(table, fields.input()) == null && type(table, fields.messages()) != null
            ? objects(table, functions.to_json(functions.struct(functions.col("*"))))
            : texts(table, columns.names(), NOTHING);
      }
      default -> csv();
    };
  }

  /**
   * Files whose first lines differ are tables of their own: Spark goes by the place of a column.
   */
  private Dataset<Row> csv() {
    Map<StructType, List<String>> byColumns = new LinkedHashMap<>();
    for (Path file : files.files()) {
      byColumns
          .computeIfAbsent(
              CsvColumns.of(spark.sessionState().newHadoopConf(), file), any -> new ArrayList<>())
          .add(file.toString());
    }
    return byColumns.entrySet().stream()
        .map(table -> csv(table.getKey(), table.getValue()))
        .reduce(Dataset::union)
        .orElseThrow();
  }

  /** Spark passes over values that are too many, unless it is asked for the rows that have them. */
  private Dataset<Row> csv(StructType columns, List<String> paths) {
    List<String> names = Arrays.asList(columns.fieldNames());
    String broken = "_broken";
    while (names.stream().anyMatch(broken::equalsIgnoreCase)) {
      broken += "_";
    }
    Dataset<Row> table =
        LiteralPaths.reader(spark)
            .option("header", true)
            // Texts have line breaks, and quotes as spreadsheets write them.
            .option("multiLine", true)
            .option("escape", "\"")
            .option("mode", "PERMISSIVE")
            .option("columnNameOfCorruptRecord", broken)
            .schema(columns.add(broken, DataTypes.StringType))
            .csv(paths.toArray(new String[0]));
    return texts(table, names, column(table, broken));
  }

  /**
   * The three columns that count.
   *
   * @param names all that are there, for messages
   * @param broken the row where it is none
   */
  private Dataset<Row> texts(Dataset<Row> table, List<String> names, Column broken) {
    DataType text = type(table, fields.input());
    if (!(text instanceof StringType)) {
      throw new InputException(
          text == null
              ? "The input has no column %s: there are only %s. Name another by --input-column."
                  .formatted(fields.input(), Shown.of(names))
              : "The column %s of the input is of type %s, a text is expected. Name another by --input-column."
                  .formatted(fields.input(), text.simpleString()));
    }
    return located(
        table,
        optional(table, fields.id(), "--id-column"),
        optional(table, fields.instruction(), "--instruction-column"),
        column(table, fields.input()),
        false,
        broken);
  }

  /** Rows of which each is one JSON object. */
  private static Dataset<Row> objects(Dataset<Row> table, Column object) {
    return located(table, NOTHING, NOTHING, object, true, NOTHING);
  }

  private static Column optional(Dataset<Row> table, String name, String option) {
    DataType type = type(table, name);
    if (type == null) {
      return NOTHING;
    }
    if (!(type instanceof StringType) && !isWhole(type)) {
      throw new InputException(
          "The column %s of the input is of type %s, a text or a whole number is expected. Rename it, or name another by %s."
              .formatted(name, type.simpleString(), option));
    }
    return column(table, name).cast(DataTypes.StringType);
  }

  /** Spark has no whole numbers for what 64 bits without a sign hold. */
  private static boolean isWhole(DataType type) {
    return type instanceof IntegralType
        || (type instanceof DecimalType decimal && decimal.scale() == 0);
  }

  /** Null where there is no such column, nor a field of one. */
  private static DataType type(Dataset<Row> table, String name) {
    DataType type = table.schema();
    for (String part : path(table, name)) {
      type =
          type instanceof StructType fields && Arrays.asList(fields.fieldNames()).contains(part)
              ? fields.apply(part).dataType()
              : null;
    }
    return type;
  }

  private static Column column(Dataset<Row> table, String name) {
    return functions.col(
        path(table, name).stream()
            .map(part -> "`" + part.replace("`", "``") + "`")
            .collect(Collectors.joining(".")));
  }

  /** A dot leads into a field of fields, unless a column has this very name. */
  private static List<String> path(Dataset<Row> table, String name) {
    return Arrays.asList(table.columns()).contains(name)
        ? List.of(name)
        : List.of(name.split("\\.", -1));
  }

  /** The columns that these names may lead into. */
  private static Set<String> columns(String... names) {
    Set<String> columns = new TreeSet<>(List.of(names));
    for (String name : names) {
      columns.add(name.split("\\.", -1)[0]);
    }
    return columns;
  }

  private static Dataset<Row> located(
      Dataset<Row> table,
      Column id,
      Column instruction,
      Column text,
      boolean object,
      Column broken) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                functions.col("_metadata.file_path"), functions.col("_metadata.file_block_start")));
    columns.addAll(List.of(id, instruction, text, functions.lit(object), broken));
    return table.select(columns.toArray(new Column[0]));
  }
}
