package org.dapt.realign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChosenBlocksTest {
  private static final List<Double> STORED = List.of(0.7, 0.3);

  /** A query is (1, -1) where the first number is positive, and (-1, 1) where it is negative. */
  private static final SelectionValues SIGN =
      new SelectionValues(
          2,
          2,
          1,
          new float[] {1, -1, -1, 1},
          new float[] {1, 0},
          new float[] {1, -1},
          new float[] {1, 1},
          new float[] {0, 0});

  /** Of the right block: 1 / (1 + exp(-4 / √2)), the query's norm being √2 but for ε. */
  private static final double RIGHT = 1 / (1 + Math.exp(-4 / Math.sqrt(2)));

  @TempDir private Path folder;

  @Test
  void inputsThatFindTheirBlockKeepTheirAttentionAndOthersTheTarget() {
    SparkSession spark = TestSpark.session();
    String table = folder.resolve("inputs").toString();
    spark
        .createDataFrame(
            List.of(row("a", 0, 2), row("a", 1, -2), row("b", 0, 3), row("b", 1, -3)),
            FitTable.COLUMNS)
        .write()
        .parquet(table);
    ChosenBlocks chosen = new ChosenBlocks(spark, table, List.of("a", "b"), 1);
    try (PointerScope scope = new PointerScope()) {
      var selection = SelectionTensors.selection(SIGN);
      assertThat(chosen.own(selection)).isEqualTo(Map.of("a", 50.0, "b", 50.0));
      ChosenBlocks.Targets kept = chosen.keeping(selection);
      assertThat(kept.kept()).isEqualTo(2);
      List<Row> rows = kept.table().orderBy(FitTable.TASK, FitTable.INDEX).collectAsList();
      assertThat(rows).hasSize(4);
      assertThat(rows).extracting(row -> row.getDouble(4)).containsOnly(0.25);
      assertThat(rows).extracting(row -> row.getInt(1)).containsExactly(0, 1, 0, 1);
      assertThat(rows.get(3).<Float>getList(2)).containsExactly(-3f, 0f);
      target(rows.get(0), RIGHT, 1 - RIGHT);
      target(rows.get(1), 0.7, 0.3);
      target(rows.get(2), 0.7, 0.3);
      target(rows.get(3), 1 - RIGHT, RIGHT);
    }
  }

  @Test
  void anEngineReadsItsOwnTableAndTakesNoMoreRanksThanThereAreSlots() {
    SparkSession spark = TestSpark.session();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 2 * 512 + 1; i++) {
      rows.add(row("a", i, i % 2 == 0 ? 2 : -2));
    }
    // By a pattern this would be inputs1.
    String table = folder.resolve("inputs[1]").toString();
    spark.createDataFrame(rows, FitTable.COLUMNS).coalesce(1).write().parquet(table);
    FittedSelection fitted =
        new NativeEngine().fit(new FitPlan(spark, table, rows.size(), SIGN, 1, 1, 0.01, 8));
    assertThat(fitted.losses()).hasSize(2);
    assertThat(fitted.after()).isLessThan(fitted.before());
  }

  private static Row row(String task, int index, float first) {
    return RowFactory.create(task, index, List.of(first, 0f), STORED, 0.25);
  }

  private static void target(Row row, double first, double second) {
    List<Double> target = row.getList(3);
    assertThat(target).hasSize(2);
    assertThat(target.get(0)).isCloseTo(first, within(1e-4));
    assertThat(target.get(1)).isCloseTo(second, within(1e-4));
  }
}
