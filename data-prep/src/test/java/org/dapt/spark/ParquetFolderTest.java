package org.dapt.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetFolderTest {
  private static final StructType COLUMNS =
      new StructType().add("group", DataTypes.IntegerType).add("index", DataTypes.LongType);

  private static SparkSession spark;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void aTableTakesThePlaceOfTheFormerOne() throws IOException {
    ParquetFolder.write(files(), rows(0, 0, 9), target("table"));
    ParquetFolder.write(files(), rows(0, 3, 5).coalesce(1), target("table"));
    assertThat(indices("table")).containsExactly(3L, 4L);
    assertThat(names()).containsExactly("table");
  }

  @Test
  void namesOfFoldersAreNoSyntax() throws IOException {
    // What patterns would find.
    ParquetFolder.write(files(), rows(0, 100, 102).coalesce(1), target("run1/table"));
    for (var name :
        List.of(
            "manual__2024-01-01T00:00:00+00:00",
            "run[1]",
            "run{1,2}",
            "run*",
            "run?",
            "a b",
            "a%20b",
            "a#b",
            "a;b,c",
            "a\\b",
            "a'b\"c",
            "step=3",
            "_run",
            "Größe 数")) {
      var table = new org.apache.hadoop.fs.Path(folder + "/" + name, "table");
      ParquetFolder.write(files(), rows(0, 3, 5).coalesce(1), table);
      assertThat(Files.isDirectory(folder.resolve(name).resolve("table"))).isTrue();
      var read =
          LiteralPaths.reader(spark)
              .schema(COLUMNS)
              .parquet(table.toString())
              .select("index", "_metadata.file_path")
              .collectAsList();
      assertThat(read).as(name).extracting(row -> row.getLong(0)).containsExactlyInAnyOrder(3L, 4L);
      // The place that Spark tells of a row leads back to the file.
      var path = new org.apache.hadoop.fs.Path(URI.create(read.get(0).getString(1)));
      assertThat(path.getParent()).isEqualTo(files().makeQualified(table));
      assertThat(files().exists(path)).isTrue();
    }
    var bracket = new org.apache.hadoop.fs.Path(target("run[1]"), "table");
    assertThat(StoredRows.read(spark, bracket, COLUMNS, "")).hasSize(2);
  }

  @Test
  void groupsAreWrittenAsFoldersOfOneSortedFileWithoutTheirNumber() throws IOException {
    Dataset<Row> rows = rows(1, 0, 40).union(rows(2, 40, 70)).union(rows(3, 70, 71));
    ParquetFolder.writeGroups(
        files(),
        rows.orderBy(functions.rand(7))
            .repartition(3, rows.col("group"))
            .sortWithinPartitions("group", "index"),
        "group",
        Map.of(1, target("a=1%#"), 2, target("task=b"), 3, target("task=c")));
    assertThat(names()).containsExactlyInAnyOrder("a=1%#", "task=b", "task=c");
    assertThat(indices("task=b")).isEqualTo(LongStream.range(40, 70).boxed().toList());
    assertThat(indices("task=c")).containsExactly(70L);
    for (String name : List.of("a=1%#", "task=b", "task=c")) {
      try (Stream<Path> parts = Files.list(folder.resolve(name))) {
        assertThat(parts.filter(file -> file.toString().endsWith(".parquet"))).hasSize(1);
      }
    }
  }

  @Test
  void aGroupReplacesItsFormerFolderAndOneWithoutRowsLeavesIt() throws IOException {
    Map<Integer, org.apache.hadoop.fs.Path> targets = Map.of(1, target("one"), 2, target("two"));
    ParquetFolder.writeGroups(files(), rows(1, 0, 3).union(rows(2, 3, 6)), "group", targets);
    ParquetFolder.writeGroups(files(), rows(1, 9, 10), "group", targets);
    assertThat(indices("one")).containsExactly(9L);
    assertThat(indices("two")).containsExactlyInAnyOrder(3L, 4L, 5L);
    assertThat(names()).containsExactlyInAnyOrder("one", "two");
  }

  private static Dataset<Row> rows(int group, long from, long to) {
    return spark.createDataFrame(
        LongStream.range(from, to).mapToObj(index -> RowFactory.create(group, index)).toList(),
        COLUMNS);
  }

  private List<Long> indices(String name) {
    return spark.read().parquet(folder.resolve(name).toString()).collectAsList().stream()
        .map(row -> row.<Long>getAs("index"))
        .toList();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.map(child -> child.getFileName().toString()).toList();
    }
  }

  private org.apache.hadoop.fs.Path target(String name) {
    return new org.apache.hadoop.fs.Path(folder + "/" + name);
  }

  private static FileSystem files() throws IOException {
    return FileSystem.getLocal(spark.sparkContext().hadoopConfiguration());
  }
}
