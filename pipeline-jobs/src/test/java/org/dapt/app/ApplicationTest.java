package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.dapt.app.Step.Kind;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.job.Outcome;
import org.dapt.job.Session;
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

  private DaptConfig config(String run, String setting) {
    return ConfigLoader.load(
        folder.resolve("run.conf"), List.of("run.dir=" + folder.resolve(run), setting));
  }
}
