package org.dapt.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.app.TestRun;
import org.dapt.backbone.Backbone;
import org.dapt.exchange.AloneExchange;
import org.dapt.gang.RankContext;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Learner;
import org.dapt.method.MethodContext;
import org.dapt.method.Sections;
import org.dapt.models.ModelSource;
import org.dapt.models.Models;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.DeviceChoice;
import org.dapt.train.StepRecord;
import org.dapt.train.StepReport;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.dapt.train.TrainerState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in a folder of checkpoints, and what of it is gone on from. */
class CheckpointsTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir private Path folder;

  @Test
  void thoseOfOtherSettingsPushOutNoNewOnes() throws IOException {
    write("before", 8, 9);

    // Nothing of the first is gone on from, so this one is far behind them.
    assertThat(write("now", 2, 3, 4)).isZero();
    assertThat(names()).containsExactly("3", "4", "8", "9");
    assertThat(newest("now")).isEqualTo(4);
    assertThat(newest("before")).isEqualTo(9);
    assertThat(newest("never")).isZero();

    // What is gone on from counts among those that are kept.
    assertThat(write("now", 5, 6)).isEqualTo(4);
    assertThat(names()).containsExactly("3", "5", "6", "8", "9");
  }

  private long newest(String fingerprint) throws IOException {
    return Checkpoints.newestStep(
        FileSystem.getLocal(HADOOP), new org.apache.hadoop.fs.Path(folder.toUri()), fingerprint);
  }

  /** Goes on from what there is and keeps {@code steps}; returns where it went on. */
  private int write(String fingerprint, int... steps) throws IOException {
    CheckpointPlan plan =
        new CheckpointPlan(folder.toUri().toString(), fingerprint, 1, Duration.ZERO, 2);
    Backbone backbone =
        Models.backbone(
            new ModelSource(TestRun.MODEL.toString(), ComputeType.FLOAT32, DeviceChoice.CPU, true),
            HADOOP);
    MethodContext context =
        new MethodContext(
            backbone,
            Sections.of(Map.of("lora.r", 1, "lora.alpha", 1.0, "lora.targets", List.of("q"))),
            1);
    try (PointerScope scope = new PointerScope();
        Learner learner =
            ContinualMethods.named("seq-lora").begin(context, List.of(), "t", List.of());
        AloneExchange exchange = new AloneExchange();
        Trainer trainer =
            new Trainer(backbone, learner, exchange, new TrainerOptions(1e-3, 64, 0))) {
      Checkpoints checkpoints =
          new Checkpoints(plan, HADOOP, new RankContext(0, 1, 0, exchange), backbone.placement());
      List<StepRecord> records = checkpoints.restore(trainer);
      int restored = records.size();
      for (int step : steps) {
        while (records.size() < step) {
          records.add(
              new StepRecord(new StepReport(records.size() + 1, 1, Map.of(), 1, 1, 1), 1, 0));
        }
        TrainerState state = trainer.state();
        trainer.restore(
            new TrainerState(step, state.values(), state.mean(), state.square(), null, Map.of()));
        checkpoints.keep(trainer, new ArrayList<>(records));
      }
      return restored;
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("step-"))
          .map(name -> name.replaceAll("step-0*(\\d+)\\.safetensors", "$1"))
          .sorted()
          .toList();
    }
  }
}
