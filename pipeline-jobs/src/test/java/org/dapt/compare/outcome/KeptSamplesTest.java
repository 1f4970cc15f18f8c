package org.dapt.compare.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
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

    FileUtils.deleteDirectory(folder.resolve("run/data").toFile());
    KeptSamples without = KeptSamples.of(config, run);
    assertThat(without.kind()).isEqualTo("inputs");
    assertThat(without.perTask()).isEmpty();
  }
}
