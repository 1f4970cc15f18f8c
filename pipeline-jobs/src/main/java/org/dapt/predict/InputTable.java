package org.dapt.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.dapt.error.InputException;

/**
 * The input as Spark reads it, a row at a time and split as Spark likes: five columns, the file and
 * the place in it where the row's split begins, the id, the instruction, and the text; of lines of
 * JSON the text is the whole line.
 */
final class InputTable {
  static final int FILE = 0;
  static final int START = 1;
  static final int ID = 2;
  static final int INSTRUCTION = 3;
  static final int TEXT = 4;

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
    String[] paths = files.files().stream().map(Object::toString).toArray(String[]::new);
    if (files.kind() == InputKind.JSONL) {
      Column nothing = functions.lit(null).cast(DataTypes.StringType);
      return located(spark.read().text(paths), nothing, nothing, functions.col("value"));
    }
    Dataset<Row> table =
        files.kind() == InputKind.PARQUET
            ? spark.read().parquet(paths)
            : spark
                .read()
                .option("header", true)
                // Texts have line breaks, and quotes as spreadsheets write them.
                .option("multiLine", true)
                .option("escape", "\"")
                .csv(paths);
    DataType text = type(table, fields.input());
    if (!(text instanceof StringType)) {
      throw new InputException(
          "The column %s of the input is of type %s, a text is expected. Name another by --input-column."
              .formatted(fields.input(), text == null ? missing(table) : text.simpleString()));
    }
    return located(
        table,
        optional(table, fields.id()),
        optional(table, InputFields.INSTRUCTION),
        column(fields.input()));
  }

  private static String missing(Dataset<Row> table) {
    return "none (there are only %s)".formatted(Arrays.toString(table.columns()));
  }

  private static Column optional(Dataset<Row> table, String name) {
    DataType type = type(table, name);
    if (type == null) {
      return functions.lit(null).cast(DataTypes.StringType);
    }
    if (!(type instanceof StringType) && !(type instanceof IntegralType)) {
      throw new InputException(
          "The column %s of the input is of type %s, a text or a whole number is expected. Rename it, or name another by --id-column."
              .formatted(name, type.simpleString()));
    }
    return column(name).cast(DataTypes.StringType);
  }

  /** Null where there is no such column. */
  private static DataType type(Dataset<Row> table, String name) {
    return Arrays.asList(table.columns()).contains(name)
        ? table.schema().apply(name).dataType()
        : null;
  }

  private static Column column(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  private static Dataset<Row> located(
      Dataset<Row> table, Column id, Column instruction, Column text) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                functions.col("_metadata.file_path"), functions.col("_metadata.file_block_start")));
    columns.addAll(List.of(id, instruction, text));
    return table.select(columns.toArray(new Column[0]));
  }
}
