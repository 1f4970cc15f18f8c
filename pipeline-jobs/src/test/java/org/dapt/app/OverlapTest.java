package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluations beside the training of the next task. */
class OverlapTest {
  private static final List<String> TASKS = List.of("colour", "order");

  @TempDir private Path folder;
  private TestRun run;

  /** Sees whether a job of an evaluation and another job run at the same time. */
  public static final class Watch extends SparkListener {
    private static final AtomicBoolean OVERLAPPED = new AtomicBoolean();
    private final Map<Integer, Boolean> running = new ConcurrentHashMap<>();

    @Override
    public void onJobStart(SparkListenerJobStart start) {
      Properties properties = start.properties();
      running.put(
          start.jobId(), "evaluation".equals(properties.getProperty("spark.scheduler.pool")));
      if (running.containsValue(true) && running.containsValue(false)) {
        OVERLAPPED.set(true);
      }
    }

    @Override
    public void onJobEnd(SparkListenerJobEnd end) {
      running.remove(end.jobId());
    }
  }

  @BeforeEach
  void start() throws IOException {
    Watch.OVERLAPPED.set(false);
    run =
        TestRun.in(folder, TASKS)
            .with(
                "spark.extraListeners=" + Watch.class.getName(),
                "spark.master=local[3]",
                "train.ranks=2");
  }

  @Test
  void spareSlotsAreUsedAndTheScoresAreTheSame() throws IOException {
    TestRun.Ended beside = run.run("run");
    assertThat(beside.err()).doesNotContain("unexpected");
    assertThat(beside.code()).isZero();
    assertThat(Watch.OVERLAPPED).isTrue();
    Watch.OVERLAPPED.set(false);
    TestRun.Ended after =
        run.with("run.dir=" + folder.resolve("after"), "evaluate.overlap=false").run("run");
    assertThat(after.code()).isZero();
    assertThat(Watch.OVERLAPPED).isFalse();
    assertThat(after.matrix()).isEqualTo(beside.matrix());
  }

  @Test
  void withoutSpareSlotsTheyTakeTurns() {
    assertThat(run.with("spark.master=local[2]").run("run").code()).isZero();
    assertThat(Watch.OVERLAPPED).isFalse();
  }

  @Test
  void aFailedEvaluationIsReportedAndWhatWasLearntIsKept() throws IOException {
    assertThat(run.run("prepare").code()).isZero();
    Path scores = folder.resolve("run/scores");
    Files.writeString(scores, "no folder");
    TestRun.Ended ended = run.run("run");
    assertThat(ended.code()).isNotZero();
    assertThat(ended.err()).contains("scores");
    assertThat(folder.resolve("run/tasks/01-colour/_DONE")).exists();
    Files.delete(scores);
    assertThat(run.run("run").code()).isZero();
    assertThat(folder.resolve("run/scores/step=0001/_DONE")).exists();
    assertThat(folder.resolve("run/scores/step=0002/_DONE")).exists();
  }
}
