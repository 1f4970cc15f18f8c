package org.dapt.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.dapt.error.InputException;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreTableTest {
  private static SparkSession spark;

  @TempDir java.nio.file.Path folder;
  private java.nio.file.Path scores;
  private Path path;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  @BeforeEach
  void choose() {
    scores = folder.resolve("run/scores");
    path = new Path(scores.toUri());
  }

  @Test
  void rowsComeBackAsWritten() {
    var first = List.of(row(1, "a", "a", 12.5));
    var second = List.of(row(2, "b", "a", 100), row(2, "b", "b", 0));
    ScoreTable.write(spark, path, 2, second);
    ScoreTable.write(spark, path, 1, first);
    assertThat(ScoreTable.read(spark, path))
        .isEqualTo(Stream.of(first, second).flatMap(List::stream).toList());
  }

  @Test
  void thereAreNoScoresBeforeTheFirst() throws Exception {
    assertThat(ScoreTable.read(spark, path)).isEmpty();
    Files.createDirectories(scores.resolve(".step=0001.tmp"));
    assertThat(ScoreTable.read(spark, path)).isEmpty();
  }

  @Test
  void sparkFindsTheColumnsWithTheStepAsInt() {
    ScoreTable.write(spark, path, 1, List.of(row(1, "a", "a", 50)));
    ScoreTable.write(spark, path, 12, List.of(row(12, "b", "a", 40)));
    var table = spark.read().parquet(path.toString());
    assertThat(table.columns())
        .containsExactly(
            "run_id",
            "method",
            "seed",
            "learnt_task",
            "evaluated_task",
            "split",
            "metric",
            "value",
            "examples",
            "block_hash",
            "created_at",
            "step");
    assertThat(table.schema().apply("step").dataType()).isEqualTo(DataTypes.IntegerType);
    assertThat(table.schema().apply("created_at").dataType()).isEqualTo(DataTypes.TimestampType);
    assertThat(table.filter("step = 12").count()).isEqualTo(1);
  }

  @Test
  void aStepIsOneFileAndWritingItAgainReplacesIt() throws Exception {
    ScoreTable.write(spark, path, 1, List.of(row(1, "a", "a", 50)));
    // What a process leaves behind that died while it wrote.
    Files.createDirectories(scores.resolve(".step=0001.tmp"));
    Files.writeString(scores.resolve(".step=0001.tmp/part-0.parquet"), "unfinished");
    assertThat(spark.read().parquet(path.toString()).count()).isEqualTo(1);
    ScoreTable.write(spark, path, 1, List.of(row(1, "a", "a", 60)));
    assertThat(ScoreTable.read(spark, path)).extracting(ScoreRow::value).containsExactly(60.0);
    try (var steps = Files.list(scores);
        var files = Files.list(scores.resolve("step=0001"))) {
      assertThat(steps).map(p -> p.getFileName().toString()).containsExactly("step=0001");
      assertThat(files.filter(p -> !p.getFileName().toString().startsWith(".")))
          .singleElement()
          .satisfies(p -> assertThat(p.toString()).endsWith(".parquet"));
    }
  }

  @Test
  void aDamagedTableIsNamed() {
    spark
        .sql("select 'r' run_id, 'a' learnt_task")
        .write()
        .parquet(scores.resolve("step=0001").toString());
    assertThatThrownBy(() -> ScoreTable.read(spark, path))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no method")
        .hasMessageContaining(scores.toString());
  }

  @Test
  void rowsOfAnotherStepAreRefused() {
    assertThatThrownBy(() -> ScoreTable.write(spark, path, 2, List.of(row(1, "a", "a", 50))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(scores).doesNotExist();
  }

  private static ScoreRow row(int step, String learnt, String evaluated, double value) {
    return new ScoreRow(
        "run",
        "dapt-lora",
        42,
        step,
        learnt,
        evaluated,
        "test",
        ScoreRow.ROUGE_L,
        value,
        100,
        "ab12",
        Instant.parse("2024-03-31T01:30:00.123456789Z"));
  }
}
