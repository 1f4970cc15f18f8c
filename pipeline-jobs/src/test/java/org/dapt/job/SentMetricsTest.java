package org.dapt.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.dapt.app.TestRun;
import org.dapt.gang.TestSpark;
import org.dapt.score.ScoreRow;
import org.dapt.score.ScoreTable;
import org.dapt.sink.MetricPoint;
import org.dapt.sink.RecordingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands send to a sink is what they store. */
class SentMetricsTest {
  private static final List<String> TASKS = List.of("colour", "order");

  @TempDir private Path folder;

  @Test
  void everyStepAndScoreIsSentOnce() throws IOException {
    TestRun run = TestRun.in(folder, TASKS).with("metrics.sinks=recording");
    TestRun.Ended ended = run.run("run");
    assertThat(ended.code()).isZero();
    Map<String, Double> sent = sent();
    assertThat(sent).isEqualTo(stored());
    assertThat(RecordingSink.lastSucceeded()).isTrue();
    assertThat(ended.out()).contains("AP");
    assertThat(run.run("run").code()).isZero();
    assertThat(sent()).isEqualTo(sent);
  }

  @Test
  void stepsAreSentWhileTheTaskIsLearnt() throws IOException {
    TestRun run =
        TestRun.in(folder, TASKS)
            .with(
                "metrics.sinks=recording",
                "train.epochs=10",
                "spark.executor.heartbeatInterval=50ms");
    assertThat(run.run("run").code()).isZero();
    assertThat(sent()).isEqualTo(stored());
    // What is sent together has one time.
    assertThat(
            RecordingSink.SENT.get(root()).stream()
                .filter(point -> point.series().equals("loss/02-order"))
                .map(MetricPoint::time)
                .distinct())
        .hasSizeGreaterThan(2);
  }

  @Test
  void aSinkThatIsSwitchedOnLaterGetsEverything() throws IOException {
    TestRun run = TestRun.in(folder, TASKS);
    assertThat(run.run("run").code()).isZero();
    assertThat(RecordingSink.SENT).doesNotContainKey(root());
    assertThat(run.with("metrics.sinks=recording").run("run").code()).isZero();
    assertThat(sent()).isEqualTo(stored());
  }

  @Test
  void anUnknownSinkIsAConfigurationError() throws IOException {
    TestRun.Ended ended = TestRun.in(folder, TASKS).with("metrics.sinks=recorder").run("run");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("metrics.sinks", "recorder", "[recording]");
  }

  private String root() {
    return "file:" + folder.resolve("run");
  }

  /** By series and step; a point that was sent twice is an error. */
  private Map<String, Double> sent() {
    Map<String, Double> values = new TreeMap<>();
    for (MetricPoint point : List.copyOf(RecordingSink.SENT.get(root()))) {
      assertThat(values.put(point.series() + " " + point.step(), point.value()))
          .as("%s", point)
          .isNull();
    }
    return values;
  }

  private Map<String, Double> stored() {
    Map<String, Double> values = new TreeMap<>();
    SparkSession spark = TestSpark.session();
    for (String task : List.of("01-colour", "02-order")) {
      for (Row row :
          spark.read().parquet(root() + "/tasks/" + task + "/training.parquet").collectAsList()) {
        String step = task + " " + row.getLong(0);
        values.put("loss/" + step, row.getDouble(1));
        values.put("cross_entropy/" + step, row.getDouble(2));
        for (String term : List.of("reflection", "selection")) {
          values.put(term + "/" + step, row.getDouble(row.fieldIndex(term)));
        }
        long tokens =
            row.getLong(row.fieldIndex("source_tokens"))
                + row.getLong(row.fieldIndex("target_tokens"));
        values.put("tokens_per_second/" + step, tokens / row.getDouble(row.fieldIndex("seconds")));
      }
    }
    Map<String, Map<Integer, Double>> exact = new TreeMap<>();
    Set<String> selection = new HashSet<>();
    double[] selected = new double[3];
    for (ScoreRow row : ScoreTable.read(spark, new org.apache.hadoop.fs.Path(root() + "/scores"))) {
      String task = row.evaluatedTask().equals("colour") ? "01-colour" : "02-order";
      values.put(row.metric() + "/" + task + " " + row.step(), row.value());
      if (row.metric().equals(ScoreRow.EXACT_MATCH)) {
        exact.computeIfAbsent(task, any -> new TreeMap<>()).put(row.step(), row.value());
      }
      if (row.metric().equals(ScoreRow.SELECTION_ACCURACY)) {
        selected[row.step()] += row.value() / row.step();
        selection.add(task);
      }
    }
    assertThat(selection).hasSize(2);
    double before = exact.get("01-colour").get(1);
    double after = exact.get("01-colour").get(2);
    values.put("stream/ap 1", before);
    values.put("stream/bwt 1", 0.0);
    values.put("stream/selection-accuracy 1", selected[1]);
    values.put("stream/ap 2", (after + exact.get("02-order").get(2)) / 2);
    values.put("stream/f_ra 2", before - after);
    values.put("stream/bwt 2", (after - before) / 2);
    values.put("stream/selection-accuracy 2", selected[2]);
    return values;
  }
}
