package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.apache.spark.sql.SparkSession;
import org.dapt.app.Step.Kind;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.evaluate.EvaluateJob;
import org.dapt.job.JobContext;
import org.dapt.job.Outcome;
import org.dapt.job.Session;
import org.dapt.learn.TrainJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several configurations at work in one session of one process, and what they hand back. */
class ApplicationTest {
  @TempDir private Path folder;

  @Test
  void runsOfSeveralConfigurationsShareASession() throws IOException {
    TestRun.in(folder, List.of("colour"));
    Application first = Application.of(config("one", "method.name=seq-lora"));
    Application second = Application.of(config("two", "run.seed=5"));
    Learnt learnt;
    try (Session session = first.session()) {
      learnt = first.run(session);
      assertThat(learnt.steps())
          .extracting(StepResult::step)
          .extracting(Step::kind)
          .containsExactly(Kind.PREPARE, Kind.TRAIN, Kind.EVALUATE);
      assertThat(learnt.steps()).extracting(StepResult::outcome).containsOnly(Outcome.DONE);
      SparkSession spark = session.spark();
      assertThat(second.prepare(session, List.of()))
          .containsExactly(new StepResult(new Step(Kind.PREPARE, List.of("colour")), Outcome.DONE));
      assertThat(first.run(session).steps())
          .extracting(StepResult::outcome)
          .containsOnly(Outcome.SKIPPED);
      assertThat(session.spark()).isSameAs(spark);
      assertThat(spark.sparkContext().isStopped()).isFalse();
    }
    assertThat(SparkSession.getDefaultSession().isEmpty()).isTrue();
    assertThat(learnt.results().learnt()).containsExactly("colour");
    assertThat(learnt.results().evaluation()).isPresent();
    assertThat(second.directory().learnt()).isEmpty();
  }

  @Test
  void aSessionThatNobodyNeedsIsNotStarted() throws IOException {
    TestRun.in(folder, List.of("colour"));
    Application application = Application.of(config("one", "tasks.order=[]"));
    try (Session session = application.session()) {
      assertThat(catchThrowable(() -> application.run(session)))
          .hasMessageContaining("tasks.order is empty");
      assertThat(SparkSession.getDefaultSession().isEmpty()).isTrue();
    }
  }

  @Test
  void whatIsDoneByTheTimeTheLeaseIsFreeIsNotDoneAgain() throws Exception {
    TestRun.learnt(folder);
    Path run = folder.resolve("run");
    Application application =
        Application.ofExisting(Application.configOf(run.toString(), List.of()));
    List<Path> markers =
        List.of(run.resolve("tasks/02-order/_DONE"), run.resolve("scores/step=0001/_DONE"));
    List<Path> leases =
        List.of(run.resolve("tasks/02-order/_LEASE"), run.resolve("predictions/step=0001/_LEASE"));
    try (Session session = application.session()) {
      JobContext context = application.in(session, given -> given);
      for (Path marker : markers) {
        Files.move(marker, marker.resolveSibling("hidden"));
      }
      for (Path lease : leases) {
        Files.writeString(lease, "of another process");
      }
      Future<Outcome> learnt = start(() -> new TrainJob(context).run(List.of("colour", "order")));
      Future<Outcome> scored = start(() -> new EvaluateJob(context).run(List.of("colour")));
      Thread.sleep(2000);
      assertThat(learnt.isDone() || scored.isDone()).isFalse();
      for (Path marker : markers) {
        Files.move(marker.resolveSibling("hidden"), marker);
      }
      for (Path lease : leases) {
        Files.delete(lease);
      }
      assertThat(learnt.get()).isEqualTo(Outcome.SKIPPED);
      assertThat(scored.get()).isEqualTo(Outcome.SKIPPED);
    }
  }

  private static Future<Outcome> start(Callable<Outcome> job) {
    FutureTask<Outcome> task = new FutureTask<>(job);
    new Thread(task).start();
    return task;
  }

  private DaptConfig config(String run, String setting) {
    return ConfigLoader.load(
        folder.resolve("run.conf"), List.of("run.dir=" + folder.resolve(run), setting));
  }
}
