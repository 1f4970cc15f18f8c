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
import org.dapt.run.RunDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run keeps of the examples of earlier tasks. */
class KeptSamplesTest {
  @TempDir private Path folder;

  @Test
  void withoutPreparedDataTheKindIsStillTold() throws Exception {
    TestRun.learnt(folder);
    DaptConfig config = ConfigLoader.load(folder.resolve("run.conf"), List.of());
    RunDirectory run =
        RunDirectory.open(
            new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("run").toUri()));
    KeptSamples all = KeptSamples.of(config, run);
    assertThat(all.kind()).isEqualTo("inputs");
    assertThat(all.perTask().getAsDouble()).isPositive();

    // Learnt together, none of the examples can go before the last task.
    DaptConfig together =
        ConfigLoader.load(folder.resolve("run.conf"), List.of("method.name=multi-task"));
    assertThat(KeptSamples.of(together, run).kind()).isEqualTo("all");
    assertThat(KeptSamples.of(together, run).perTask().getAsDouble())
        .isGreaterThan(10 * all.perTask().getAsDouble());

    FileUtils.deleteDirectory(folder.resolve("run/data").toFile());
    KeptSamples without = KeptSamples.of(config, run);
    assertThat(without.kind()).isEqualTo("inputs");
    assertThat(without.perTask()).isEmpty();
  }

  @Test
  void whatMakingSamplesUpTookIsToldWhereAllOfItIsKnown() throws Exception {
    TestRun.learnt(folder);
    DaptConfig config = ConfigLoader.load(folder.resolve("run.conf"), List.of());
    RunDirectory run =
        RunDirectory.open(
            new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("run").toUri()));
    run.marker(run.pseudo(1, "colour")).write("hash", Map.of(), Map.of("kept", 3L, "seconds", 1.5));
    run.marker(run.pseudo(2, "order")).write("hash", Map.of(), Map.of("kept", 1L, "seconds", 2.0));
    assertThat(KeptSamples.of(config, run))
        .isEqualTo(new KeptSamples("generated", OptionalDouble.of(2), OptionalDouble.of(3.5)));

    // As runs of earlier builds have it.
    run.marker(run.pseudo(2, "order")).write("hash", Map.of(), Map.of("kept", 1L));
    assertThat(KeptSamples.of(config, run).seconds()).isEmpty();
  }
}
