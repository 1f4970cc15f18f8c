package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.dapt.error.InputException;
import org.dapt.gang.TestSpark;
import org.dapt.train.StepRecord;
import org.dapt.train.StepReport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTableTest {
  private static SparkSession spark;

  @TempDir java.nio.file.Path folder;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  @Test
  void stepsComeBackWithTheirTermsInTheirOrder() throws IOException {
    Map<String, Double> terms = new LinkedHashMap<>();
    terms.put("orthogonality", 3.5);
    terms.put("a_last_one", 0.25);
    List<StepRecord> steps = List.of(step(1, 2, terms), step(2, 1, terms));
    write(steps);
    assertThat(TrainingTable.read(spark, path())).isEqualTo(steps);
    assertThat(TrainingTable.read(spark, path()).get(0).report().terms().keySet())
        .containsExactly("orthogonality", "a_last_one");
    assertThat(columns())
        .containsExactly(
            "step",
            "loss",
            "cross_entropy",
            "orthogonality",
            "a_last_one",
            "source_tokens",
            "target_tokens",
            "seconds",
            "exchange_seconds");
    assertThat(TrainingTable.fits(columns())).isTrue();
  }

  @Test
  void aTableWithoutStepsOrTermsIsOne() throws IOException {
    write(List.of());
    assertThat(TrainingTable.read(spark, path())).isEmpty();
    assertThat(TrainingTable.windows(spark, path(), 3)).isEmpty();
    List<StepRecord> steps = List.of(step(1, 2, Map.of()));
    write(steps);
    assertThat(TrainingTable.read(spark, path())).isEqualTo(steps);
  }

  @Test
  void windowsAreMeans() throws IOException {
    List<StepRecord> steps = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      steps.add(step(i, i, Map.of("reflection", 2.0 * i)));
    }
    write(steps);
    List<StepReport> windows = TrainingTable.windows(spark, path(), 2);
    assertThat(windows).extracting(StepReport::step).containsExactly(2L, 4L, 5L);
    assertThat(windows).extracting(StepReport::crossEntropy).containsExactly(1.5, 3.5, 5.0);
    assertThat(windows.get(1).terms().get("reflection")).isCloseTo(7, within(1e-12));
  }

  @Test
  void aTableOfEarlierVersionsIsRead() {
    save("1L as step, 2.5 as loss, 2.0 as cross_entropy, 0.5 as reflection");
    assertThat(TrainingTable.read(spark, path()))
        .containsExactly(
            new StepRecord(new StepReport(1, 2.0, Map.of("reflection", 0.5), 2.5, 8, 7), 0.5, 0.1));
  }

  @Test
  void whatIsNoTableOfStepsIsToldByItsColumns() {
    save("1L as step, 2.5 as loss, 0.5 as reflection");
    assertThatThrownBy(() -> TrainingTable.read(spark, path()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training.parquet has the columns [step, loss, reflection, ")
        .hasMessageContaining("expected are [step, loss, cross_entropy, ")
        .hasMessageContaining("Delete the folder of this task");
    save("1L as step, 2.5 as loss, cast(null as double) as cross_entropy, 0.5 as reflection");
    assertThatThrownBy(() -> TrainingTable.read(spark, path()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("A row of ")
        .hasMessageContaining("has no cross_entropy, a number is expected");
    assertThatThrownBy(
            () -> TrainingTable.windows(spark, new Path(folder.resolve("none").toUri()), 1))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training.parquet cannot be read");
  }

  private void save(String first) {
    spark
        .sql(
            "select %s, 7L as source_tokens, 8L as target_tokens, 0.5 as seconds, 0.1 as exchange_seconds"
                .formatted(first)
                .replaceAll("(\\d\\.\\d)", "double($1)"))
        .write()
        .mode("overwrite")
        .parquet(new Path(path(), "training.parquet").toString());
  }

  private void write(List<StepRecord> steps) throws IOException {
    TrainingTable.write(
        spark, FileSystem.get(spark.sparkContext().hadoopConfiguration()), path(), steps);
  }

  private List<String> columns() {
    return List.of(spark.read().parquet(new Path(path(), "training.parquet").toString()).columns());
  }

  private Path path() {
    return new Path(folder.resolve("01-task").toUri());
  }

  private static StepRecord step(long step, double loss, Map<String, Double> terms) {
    return new StepRecord(new StepReport(step, loss, terms, loss + 1, 8, 7), 0.5, 0.1);
  }
}
