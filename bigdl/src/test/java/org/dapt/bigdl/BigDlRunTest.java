package org.dapt.bigdl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.dapt.app.TestRun;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of two tasks on two ranks. */
class BigDlRunTest {
  private static final List<String> LEARNT =
      List.of(
          "tasks/01-colour/block.safetensors",
          "tasks/02-order/block.safetensors",
          "tasks/02-order/attention.safetensors");

  @TempDir private Path folder;

  /**
   * Two numbers have one sum, in whatever order: with two ranks a run over BigDL learns the very
   * bits of one over Gloo. In 16 bits it learns, but not those.
   */
  @Test
  void aRunOverBigDlLearnsTheBitsOfOneOverGloo() throws IOException {
    TestRun run = TestRun.in(folder, List.of("colour", "order")).with("train.ranks=2");
    TestRun.Ended gloo = learn(run, "gloo");
    TestRun.Ended exact = learn(run, "bigdl");
    learn(run, "bigdl-fp16");
    assertThat(exact.matrix()).isEqualTo(gloo.matrix());
    for (String file : LEARNT) {
      assertThat(bytes("bigdl", file)).as(file).isEqualTo(bytes("gloo", file));
    }
    assertThat(bytes("bigdl-fp16", LEARNT.get(0))).isNotEqualTo(bytes("gloo", LEARNT.get(0)));
    List<Double> losses = losses("gloo");
    List<Double> others = losses("bigdl-fp16");
    assertThat(others).hasSameSizeAs(losses);
    assertThat(losses.get(0)).isGreaterThan(losses.get(losses.size() - 1));
    for (int i = 0; i < losses.size(); i++) {
      assertThat(others.get(i)).isCloseTo(losses.get(i), within(0.05 * losses.get(0)));
    }
  }

  private TestRun.Ended learn(TestRun run, String exchange) {
    TestRun.Ended ended =
        run.with("train.exchange=" + exchange, "run.dir=" + folder.resolve(exchange)).run("run");
    assertThat(ended.code()).as(ended.err()).isZero();
    return ended;
  }

  private byte[] bytes(String run, String file) throws IOException {
    return Files.readAllBytes(folder.resolve(run).resolve(file));
  }

  private List<Double> losses(String run) {
    return TestSpark.session()
        .read()
        .parquet(folder.resolve(run).resolve("tasks/01-colour/training.parquet").toString())
        .orderBy("step")
        .select("loss")
        .as(Encoders.DOUBLE())
        .collectAsList();
  }
}
