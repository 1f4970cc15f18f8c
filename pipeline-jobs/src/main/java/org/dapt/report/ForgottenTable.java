package org.dapt.report;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.dapt.run.PredictionTable;
import org.dapt.run.RunDirectory;
import org.dapt.spark.LiteralPaths;
import org.dapt.spark.StoredRows;

/**
 * Compares the stored answers of two steps. An answer is right where its score is at least one
 * half: for exact match, where it is one of the references.
 */
final class ForgottenTable {
  private static final int SHOWN = 5;

  private static final String ADVICE =
      "Delete the folders of this step in predictions and scores and evaluate again.";

  private final SparkSession spark;
  private final RunDirectory run;

  private ForgottenTable(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
  }

  /**
   * Every task but the last, in the order of learning. Tasks whose answers are not stored are left
   * out.
   *
   * @param metric of a task, by its name
   * @param tasks those that are evaluated, in the order of learning
   * @throws org.dapt.error.InputException if stored answers are damaged
   */
  static List<ForgottenTask> read(
      SparkSession spark, RunDirectory run, UnaryOperator<String> metric, List<String> tasks) {
    ForgottenTable table = new ForgottenTable(spark, run);
    List<ForgottenTask> compared = new ArrayList<>();
    for (int number = 1; number < tasks.size(); number++) {
      String task = tasks.get(number - 1);
      Path then = run.predictions(number, task);
      Path now = run.predictions(tasks.size(), task);
      if (table.exists(then) && table.exists(now)) {
        compared.add(
            table.compare(number, task, PredictionTable.score(metric.apply(task)), then, now));
      }
    }
    return compared;
  }

  private boolean exists(Path folder) {
    try {
      return run.files().exists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("The predictions " + folder + " could not be read", e);
    }
  }

  private ForgottenTask compare(int number, String task, String score, Path then, Path now) {
    Dataset<Row> both =
        answers(then, score, "then")
            .join(answers(now, score, "now"), PredictionTable.INDEX)
            .cache();
    try {
      Column right = col("then_score").geq(0.5);
      Column stillRight = col("now_score").geq(0.5);
      Dataset<Row> counts =
          both.agg(
              count(lit(1)),
              number(right),
              number(stillRight),
              number(right.and(not(stillRight))),
              number(stillRight.and(not(right))));
      Row row = StoredRows.collect(() -> counts, now, ADVICE).get(0);
      Dataset<Row> forgotten =
          both.where(right.and(not(stillRight)))
              .orderBy(col("now_score").minus(col("then_score")), col(PredictionTable.INDEX))
              .limit(SHOWN);
      return new ForgottenTask(
          number,
          task,
          row.getLong(0),
          row.getLong(1),
          row.getLong(2),
          row.getLong(3),
          row.getLong(4),
          StoredRows.collect(() -> forgotten, now, ADVICE).stream()
              .map(ForgottenTable::example)
              .toList());
    } finally {
      both.unpersist();
    }
  }

  private Dataset<Row> answers(Path folder, String score, String when) {
    return LiteralPaths.reader(spark)
        .schema(PredictionTable.ALL)
        .parquet(folder.toString())
        .select(
            col(PredictionTable.INDEX),
            text(PredictionTable.ID).as(when + "_id"),
            text(PredictionTable.INPUT).as(when + "_input"),
            coalesce(col(PredictionTable.REFERENCES), array().cast("array<string>"))
                .as(when + "_references"),
            text(PredictionTable.PREDICTION).as(when + "_prediction"),
            col(score).as(when + "_score"),
            largest(PredictionTable.ATTENTION_WEIGHTS).as(when + "_block"));
  }

  /** Files of others may lack a column. */
  private static Column text(String column) {
    return coalesce(col(column), lit(""));
  }

  /** The place of the largest number of a list, from 1; null without one. */
  private static Column largest(String column) {
    return expr("int(array_position(%1$s, array_max(%1$s)))".formatted(column));
  }

  private static Column number(Column condition) {
    return coalesce(sum(condition.cast(DataTypes.LongType)), lit(0L));
  }

  private static ForgottenTask.Example example(Row row) {
    return new ForgottenTask.Example(
        row.getAs("now_id"),
        row.getAs("now_input"),
        row.getList(row.fieldIndex("now_references")),
        row.getAs("then_prediction"),
        row.getAs("now_prediction"),
        row.getAs("then_block"),
        row.getAs("now_block"));
  }
}
