package org.dapt.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;
import org.dapt.gang.TestSpark;
import org.dapt.run.RunDirectory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgottenTableTest {
  private static final List<String> TASKS = List.of("007", "colour");

  private static final StructType COLUMNS =
      new StructType()
          .add("index", DataTypes.LongType)
          .add("id", DataTypes.StringType)
          .add("input", DataTypes.StringType)
          .add("references", DataTypes.createArrayType(DataTypes.StringType))
          .add("prediction", DataTypes.StringType)
          .add("rouge_l", DataTypes.DoubleType)
          .add("exact_match", DataTypes.DoubleType)
          .add("selected_own", DataTypes.DoubleType)
          .add("mixture", DataTypes.createArrayType(DataTypes.DoubleType));

  private static SparkSession spark;

  @TempDir private java.nio.file.Path folder;
  private RunDirectory run;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  @BeforeEach
  void create() {
    run =
        RunDirectory.openOrCreate(
            new Configuration(),
            new Path(folder.resolve("run").toUri()),
            new RunDirectory.Identity("hash", "model", "tokenizer", "dapt-lora", 1, "1"),
            "",
            stored -> List.of());
  }

  @Test
  void countsAndShowsWhatFellFromRightToWrong() {
    write(
        1,
        "007",
        answer(0, "red", 1, 1, 1.0),
        answer(1, "blue", 1, 1, 1.0),
        answer(2, "no", 0, 0, 1.0));
    write(
        2,
        "007",
        answer(2, "green", 1, 1, 0.9, 0.1),
        answer(1, "<b>", 0, 0.25, 0.2, 0.8),
        answer(0, "red", 1, 1, 0.6, 0.4));
    List<ForgottenTask> tasks = ForgottenTable.read(spark, run, any -> "exact-match", TASKS);
    assertThat(tasks)
        .containsExactly(
            new ForgottenTask(
                1,
                "007",
                3,
                2,
                2,
                1,
                1,
                List.of(
                    new ForgottenTask.Example(
                        "id-1", "input 1", List.of("a", "b"), "blue", "<b>", 1, 2))));
  }

  @Test
  void rougeDecidesWhereItIsTheMetricAndTheLargestFallComesFirst() {
    write(1, "007", answer(0, "x", 0, 0.6), answer(1, "y", 0, 0.9), answer(2, "z", 0, 0.9));
    write(2, "007", answer(0, "x", 0, 0.4), answer(1, "y", 0, 0.1), answer(2, "z", 0, 0.6));
    ForgottenTask task = ForgottenTable.read(spark, run, any -> "rouge-l", TASKS).get(0);
    assertThat(task.forgotten()).isEqualTo(2);
    assertThat(task.worst()).extracting(ForgottenTask.Example::id).containsExactly("id-1", "id-0");
    assertThat(task.worst().get(0).blockNow()).isNull();
  }

  @Test
  void noMoreThanFiveAreShownAndAllAreCounted() {
    Row[] right = new Row[9];
    Row[] wrong = new Row[9];
    for (int i = 0; i < 9; i++) {
      right[i] = answer(i, "yes", 1, 1);
      wrong[i] = answer(i, "no", 0, 0);
    }
    write(1, "007", right);
    write(2, "007", wrong);
    ForgottenTask task = ForgottenTable.read(spark, run, any -> "exact-match", TASKS).get(0);
    assertThat(task.forgotten()).isEqualTo(9);
    assertThat(task.worst()).hasSize(5);
  }

  @Test
  void answersThatAreNotStoredAreLeftOut() {
    write(2, "007", answer(0, "red", 1, 1));
    assertThat(ForgottenTable.read(spark, run, any -> "exact-match", TASKS)).isEmpty();
    assertThat(ForgottenTable.read(spark, run, any -> "exact-match", List.of("007"))).isEmpty();
  }

  @Test
  void columnsThatAreMissingAreEmpty() {
    write(1, "007", answer(0, "red", 1, 1));
    spark
        .sql("select 0L index, 0.0D exact_match")
        .write()
        .parquet(run.predictions(2, "007").toString());
    assertThat(ForgottenTable.read(spark, run, any -> "exact-match", TASKS).get(0).worst())
        .containsExactly(new ForgottenTask.Example("", "", List.of(), "red", "", null, null));
  }

  @Test
  void aDamagedFileIsNamedWithWhatToDo() throws Exception {
    write(1, "007", answer(0, "red", 1, 1));
    java.nio.file.Path now = folder.resolve("run/predictions/step=0002/task=007");
    Files.createDirectories(now);
    Files.writeString(now.resolve("part-0.parquet"), "no Parquet at all");
    assertThatThrownBy(() -> ForgottenTable.read(spark, run, any -> "exact-match", TASKS))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("step=0002/task=007")
        .hasMessageContaining("evaluate again");
  }

  private void write(int step, String task, Row... rows) {
    spark
        .createDataFrame(List.of(rows), COLUMNS)
        .write()
        .parquet(run.predictions(step, task).toString());
  }

  private static Row answer(
      long index, String prediction, double exact, double rouge, double... mixture) {
    List<Double> weights = new ArrayList<>();
    for (double weight : mixture) {
      weights.add(weight);
    }
    return RowFactory.create(
        index,
        "id-" + index,
        "input " + index,
        List.of("a", "b"),
        prediction,
        rouge,
        exact,
        null,
        weights.isEmpty() ? null : weights);
  }
}
