package org.dapt.compare.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.dapt.app.TestRun;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.run.PreparedSummary;
import org.dapt.run.RunDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run keeps of the examples of earlier tasks. */
class KeptSamplesTest {
  @TempDir private Path folder;

  @Test
  void withoutPreparedDataTheKindIsStillTold() throws Exception {
    TestRun.learnt(folder);
    DaptConfig config = config();
    RunDirectory run = run();
    KeptSamples all = KeptSamples.of(config, run);
    assertThat(all.kind()).isEqualTo("inputs");
    assertThat(all.perTask().getAsDouble()).isPositive();

    FileUtils.deleteDirectory(folder.resolve("run/data").toFile());
    KeptSamples without = KeptSamples.of(config, run);
    assertThat(without.kind()).isEqualTo("inputs");
    assertThat(without.perTask()).isEmpty();
  }

  @Test
  void whatMakingSamplesUpTookIsToldWhereAllOfItIsKnown() throws Exception {
    TestRun.learnt(folder);
    DaptConfig config = config("reflection.source=generated");
    RunDirectory run = run();
    run.marker(run.pseudo(1, "colour")).write("hash", Map.of(), Map.of("kept", 3L, "seconds", 1.5));
    run.marker(run.pseudo(2, "order")).write("hash", Map.of(), Map.of("kept", 1L, "seconds", 2.0));
    assertThat(KeptSamples.of(config, run))
        .isEqualTo(new KeptSamples("generated", OptionalDouble.of(2), OptionalDouble.of(3.5)));

    // As runs of earlier builds have it.
    run.marker(run.pseudo(2, "order")).write("hash", Map.of(), Map.of("kept", 1L));
    assertThat(KeptSamples.of(config, run).seconds()).isEmpty();
  }

  /**
   * What a run of a method with these settings is said to keep, whatever else lies in its folder.
   */
  @Test
  void theKindIsThatOfWhatIsLearntFrom() throws Exception {
    TestRun.learnt(folder);
    RunDirectory run = run();
    // The two tasks have 32 training examples each, some of which are dev.
    double examples =
        run.learnt().stream()
            .mapToLong(task -> PreparedSummary.of(run.marker(run.data(task))).trainExamples())
            .average()
            .orElseThrow();
    KeptSamples together = KeptSamples.of(config("method.name=multi-task"), run);
    assertThat(together).isEqualTo(new KeptSamples("all", OptionalDouble.of(examples)));
    assertThat(KeptSamples.of(config("method.name=zero-shot"), run).kind()).isEqualTo("none");
    assertThat(KeptSamples.of(config("method.name=seq-lora"), run).kind()).isEqualTo("none");
    assertThat(KeptSamples.of(config("method.name=replay"), run).kind()).isEqualTo("real");
    // As yet none were made.
    KeptSamples itself = KeptSamples.of(config("method.name=lfpt5"), run);
    assertThat(itself).isEqualTo(new KeptSamples("generated", OptionalDouble.of(0)));

    // Made by hand, and learnt from by nobody.
    run.marker(run.pseudo(1, run.learnt().get(0))).write("any", Map.of(), Map.of("kept", 5));
    assertThat(KeptSamples.of(config(), run).kind()).isEqualTo("inputs");
    assertThat(KeptSamples.of(config("reflection.source=none"), run).kind()).isEqualTo("none");
    assertThat(KeptSamples.of(config("reflection.source=generated"), run))
        .isEqualTo(new KeptSamples("generated", OptionalDouble.of(2.5)));
  }

  private DaptConfig config(String... settings) {
    return ConfigLoader.load(folder.resolve("run.conf"), List.of(settings));
  }

  private RunDirectory run() {
    return RunDirectory.open(
        new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("run").toUri()));
  }
}
