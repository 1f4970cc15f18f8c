package org.dapt.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dapt.app.TestRun;
import org.dapt.error.ExitCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of trials that have no score. */
class TuningTest {
  private static final int KILLED = 137;

  @TempDir private Path folder;

  private Path chosen;
  private String reason = "Training diverged in step 3";

  @BeforeEach
  void write() throws Exception {
    TestRun.in(
        folder,
        List.of("colour"),
        "compare {",
        "  dir = out, methods = [seq-lora], seeds = [1]",
        "  tune { tasks = 1, grid { seq-lora.train.learning-rate = [0.1, 0.2] } }",
        "}");
    chosen = folder.resolve("out/tune/seq-lora.base.json");
  }

  @Test
  void nothingIsChosenWhileATrialHasNoResult() throws Exception {
    for (ExitCode undecided : List.of(ExitCode.LEASE, ExitCode.CONFIGURATION)) {
      choose(undecided.code(), ExitCode.TRAINING.code());
      assertThat(chosen).doesNotExist();
    }
  }

  @Test
  void whatDivergedIsNotTriedAgain() throws Exception {
    choose(ExitCode.TRAINING.code(), KILLED);
    Tuning some = new Tuning(configs());
    assertThat(some.toTry(some.open())).containsExactly(trials().get(1));
    assertThat(some.hopeless()).isEmpty();

    choose(ExitCode.TRAINING.code(), ExitCode.TRAINING.code());
    assertThat(new Tuning(configs()).open()).isEmpty();
    assertThat(new Tuning(configs()).hopeless())
        .hasSize(2)
        .allSatisfy(end -> assertThat(end.text()).contains("exit code 4", chosen.toString()));
    // It may be another matter with other settings.
    assertThat(new Tuning(configs("train.epochs=2")).open()).hasSize(1);
  }

  @Test
  void aChoiceStaysOnceRunsHaveBegunWithIt() throws Exception {
    choose(KILLED, KILLED);
    Choice failed = configs().choice(trials().get(0)).orElseThrow();
    Choice.Tried first = failed.tried().get(0);
    new Choice(
            List.of(
                new Choice.Tried(first.run(), first.values(), 50.0, first.configHash(), null),
                failed.tried().get(1)))
        .write(configs().files(), configs().comparison().places().chosen(trials().get(0)));
    assertThat(configs().isChosen(trials().get(0))).isTrue();
    assertThat(new Tuning(configs()).open()).hasSize(1);
    String grid = "compare.tune.grid.seq-lora.train.learning-rate=[0.1,0.2,0.3]";
    List<String> others = List.of("train.epochs=2", "compare.seeds=[7,1]", grid);
    for (String other : others) {
      assertThat(configs(other).isChosen(trials().get(0))).as(other).isFalse();
    }
    Path run = Files.createDirectories(folder.resolve("out/runs/seq-lora.main.base.seed1"));
    Files.writeString(run.resolve("run.json"), "{}");
    assertThat(new Tuning(configs()).open()).isEmpty();
    // The run would be refused with what would be chosen then.
    for (String other : others) {
      assertThat(configs(other).isChosen(trials().get(0))).as(other).isTrue();
      assertThat(new Tuning(configs(other)).open()).as(other).isEmpty();
    }
  }

  /** Machines that are lost, and memory that is full, may be there again. */
  @Test
  void trainingThatFailedWithoutDivergingIsTriedAgain() throws Exception {
    reason = "The gang failed in every attempt.";
    choose(ExitCode.TRAINING.code(), ExitCode.TRAINING.code());
    Tuning again = new Tuning(configs());
    assertThat(again.toTry(again.open())).hasSize(2);
    assertThat(again.hopeless()).isEmpty();
  }

  private void choose(int... codes) throws Exception {
    Tuning tuning = new Tuning(configs());
    List<CellEnd> ends = new ArrayList<>();
    for (int i = 0; i < codes.length; i++) {
      ends.add(new CellEnd(trials().get(i), codes[i], reason, ""));
    }
    assertThat(tuning.choose(null, tuning.open(), ends)).isEmpty();
  }

  private List<Cell> trials() {
    return configs().comparison().trials();
  }

  private CellConfigs configs(String... overrides) {
    return CellConfigs.of(Comparison.load(folder.resolve("run.conf"), List.of(overrides)));
  }
}
