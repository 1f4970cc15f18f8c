package org.dapt.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.dapt.io.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The number of ranks is a matter of speed: it does not change what is learnt. */
class RanksEqualityTest {
  @TempDir private Path folder;

  @Test
  void oneRankAndTwoRanksOverGlooLearnTheSameIn50Steps() throws IOException {
    TaskFiles.write(folder.resolve("tasks"), "colour", 80);
    TestRun run = TestRun.in(folder, List.of("colour"));
    // 80 examples in batches of 8, 5 times.
    TestRun settings = run.with("train.epochs=5", "train.learning-rate=1e-3");
    TestRun.Ended one =
        settings
            .with("run.dir=" + folder.resolve("one"), "spark.master=\"local[1]\"", "train.ranks=1")
            .run("run");
    TestRun.Ended two =
        settings
            .with(
                "run.dir=" + folder.resolve("two"),
                "spark.master=\"local[2]\"",
                "train.ranks=2",
                "train.exchange=gloo")
            .run("run");
    assertThat(one.code()).isZero();
    assertThat(two.code()).isZero();
    assertThat(one.out()).contains("50 steps on 1 rank");
    assertThat(two.out()).contains("50 steps on 2 ranks");
    for (String file : List.of("block.safetensors", "attention.safetensors")) {
      assertThat(distance("tasks/01-colour/" + file)).isLessThanOrEqualTo(1e-5);
    }
  }

  private double distance(String file) {
    double largest = 0;
    try (SafetensorsFile a = SafetensorsFile.open(folder.resolve("one").resolve(file));
        SafetensorsFile b = SafetensorsFile.open(folder.resolve("two").resolve(file))) {
      assertThat(a.names()).isEqualTo(b.names()).isNotEmpty();
      for (String name : a.names()) {
        var x = a.data(name).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var y = b.data(name).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        while (x.hasRemaining()) {
          largest = Math.max(largest, Math.abs(x.get() - y.get()));
        }
      }
    }
    return largest;
  }
}
