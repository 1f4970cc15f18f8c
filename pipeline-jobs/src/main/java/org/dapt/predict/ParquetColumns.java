package org.dapt.predict;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The columns of a Parquet file. Spark refuses a file with a column of a type that it does not
 * know, such as times in nanoseconds, also where nobody asks for that column.
 *
 * @param names all columns
 * @param wanted those that are asked for and there, with Spark's types
 */
record ParquetColumns(List<String> names, StructType wanted) {
  /**
   * Reads them from the end of {@code file}.
   *
   * @param asked names of the columns that are asked for
   * @throws InputException if it is not a Parquet file, or such a column is of a type that Spark
   *     does not know
   */
  static ParquetColumns of(Configuration hadoop, Path file, Set<String> asked) {
    try (var reader = ParquetFileReader.open(HadoopInputFile.fromPath(file, hadoop))) {
      MessageType found = reader.getFileMetaData().getSchema();
      StructType wanted = new StructType();
      for (Type column : found.getFields()) {
        if (asked.contains(column.getName())) {
          wanted = wanted.add(type(file, column).apply(0));
        }
      }
      return new ParquetColumns(found.getFields().stream().map(Type::getName).toList(), wanted);
    } catch (IOException | RuntimeException e) {
      if (e instanceof InputException known) {
        throw known;
      }
      throw new InputException(
          "%s cannot be read as Parquet: %s. Fetch it again, or say by --input-format what it is."
              .formatted(file, Shown.of(e.getMessage())),
          e);
    }
  }

  private static StructType type(Path file, Type column) {
    try {
      return new ParquetToSparkSchemaConverter(SQLConf.get())
          .convert(new MessageType("row", column));
    } catch (Exception e) {
      // Scala declares no exceptions, so that it cannot be caught by its type.
      if (e instanceof AnalysisException) {
        throw new InputException(
            "The column %s of %s is of Parquet's type %s, which Spark does not read; a text or, as id, a whole number is expected. Convert it, or name another by --input-column or --id-column."
                .formatted(column.getName(), file, Shown.of(column)),
            e);
      }
      throw e;
    }
  }
}
