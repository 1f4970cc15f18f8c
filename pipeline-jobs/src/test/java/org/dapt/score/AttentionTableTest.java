package org.dapt.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.dapt.error.InputException;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttentionTableTest {
  private static final List<String> TASKS = List.of("tense", "advice");
  private static SparkSession spark;

  @TempDir java.nio.file.Path folder;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  @Test
  void putsWeightsWhereTheirTaskAndBlockAre() {
    Path path =
        written(
            RowFactory.create("advice", 2, "advice", 0.75),
            RowFactory.create("tense", 1, "tense", 0.9),
            RowFactory.create("advice", 1, "tense", 0.25));
    double[][] weights = AttentionTable.read(spark, path, TASKS);
    assertThat(weights[0]).containsExactly(0.9, Double.NaN);
    assertThat(weights[1]).containsExactly(0.25, 0.75);
  }

  @Test
  void refusesRowsOfOtherTasksOrBlocks() {
    Path path = written(RowFactory.create("tense", 2, "tense", 0.9));
    assertThatThrownBy(() -> AttentionTable.read(spark, path, TASKS))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("[tense,2,tense,0.9]")
        .hasMessageContaining("[tense, advice]");
    assertThatThrownBy(() -> AttentionTable.read(spark, path, List.of("advice")))
        .isInstanceOf(InputException.class);
  }

  @Test
  void saysWhichFolderIsMissing() {
    Path path = new Path(folder.resolve("none").toUri());
    assertThatThrownBy(() -> AttentionTable.read(spark, path, TASKS))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(path + " are missing");
  }

  private Path written(Row... rows) {
    Path path = new Path(folder.resolve("step=0002").toUri());
    spark.createDataFrame(List.of(rows), AttentionTable.COLUMNS).write().parquet(path.toString());
    return path;
  }
}
