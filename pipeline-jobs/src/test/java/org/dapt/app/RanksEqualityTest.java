package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Encoders;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.gang.TestSpark;
import org.dapt.io.Dtype;
import org.dapt.io.SafetensorsFile;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The number of ranks is a matter of speed: it does not change what is learnt, up to the order of
 * additions. AdamW divides a gradient by its own size, so where a gradient is all but zero its
 * rounding decides the direction of a step: equality of parameters can be asked for in float64
 * only. In float32 it is the losses that agree.
 */
class RanksEqualityTest {
  private static final int STEPS = 50;

  @TempDir private Path folder;

  @Test
  void oneRankAndTwoRanksOverGlooLearnTheSameIn50StepsOfFloat64() throws IOException {
    train("float64");
    assertThat(distances("01-colour")).allMatch(distance -> distance <= 1e-9);
    // The second task has older blocks, replayed inputs and a target that is no constant; it starts
    // from the differences that the first one left.
    assertThat(Collections.max(distances("02-order"))).isLessThan(1e-6);
    List<Double> one = target("one");
    assertThat(one).hasSize(2).allMatch(weight -> weight > 0 && weight < 1);
    List<Double> two = target("two");
    for (int i = 0; i < one.size(); i++) {
      assertThat(two.get(i)).isCloseTo(one.get(i), within(1e-6));
    }
    keysAndNetworkAreRealignedToo();
  }

  /** A fit in float32, which is read in the type of the others. */
  private void keysAndNetworkAreRealignedToo() {
    Path run = folder.resolve("one");
    TestRun.Ended ended = TestRun.execute("realign", "--run", run.toString());
    assertThat(ended.code()).as(ended.err()).isZero();
    Configuration hadoop = new Configuration();
    RunDirectory directory =
        RunDirectory.open(hadoop, new org.apache.hadoop.fs.Path(run.toString()));
    List<LearntFolder> folders = LearntFolder.of(directory, directory.learnt());
    assertThat(folders).hasSize(2).allMatch(folder -> folder.selection() != null);
    try (PointerScope scope = new PointerScope()) {
      assertThat(TaskArtifacts.readAll(hadoop, folders, Placement.cpu(ComputeType.FLOAT64)))
          .hasSize(2);
    }
  }

  @Test
  void oneRankAndTwoRanksOverGlooSeeTheSameLossesInFloat32() throws IOException {
    train("float32");
    List<Double> one = losses("one");
    List<Double> two = losses("two");
    assertThat(two).hasSize(STEPS);
    for (int i = 0; i < STEPS; i++) {
      // The first step knows nothing yet of what AdamW does to rounding.
      assertThat(two.get(i)).isCloseTo(one.get(i), withinPercentage(i == 0 ? 1e-4 : 1));
    }
  }

  private void train(String type) throws IOException {
    TaskFiles.write(folder.resolve("tasks"), "colour", 80);
    // 80 examples in batches of 8, 5 times.
    TestRun run =
        TestRun.in(folder, List.of("colour", "order"))
            .with("train.epochs=5", "train.learning-rate=1e-4", "model.dtype=" + type);
    TestRun.Ended one =
        run.with("run.dir=" + folder.resolve("one"), "spark.master=local[1]", "train.ranks=1")
            .run("run");
    TestRun.Ended two =
        run.with(
                "run.dir=" + folder.resolve("two"),
                "spark.master=local[2]",
                "train.ranks=2",
                "train.exchange=gloo")
            .run("run");
    assertThat(one.code()).isZero();
    assertThat(two.code()).isZero();
    assertThat(one.out()).contains("50 steps on 1 rank");
    assertThat(two.out()).contains("50 steps on 2 ranks");
  }

  private List<Double> distances(String task) {
    List<Double> distances = new ArrayList<>();
    for (String file : List.of("block.safetensors", "attention.safetensors")) {
      addDistances(distances, "tasks/" + task + "/" + file);
    }
    return distances;
  }

  private List<Double> target(String run) throws IOException {
    Path file = folder.resolve(run).resolve("tasks/02-order/target.json");
    List<Double> target = new ArrayList<>();
    JsonMapper.builder()
        .build()
        .readTree(file.toFile())
        .get("mean_attention")
        .forEach(weight -> target.add(weight.doubleValue()));
    return target;
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

  private void addDistances(List<Double> distances, String file) {
    try (SafetensorsFile a = SafetensorsFile.open(folder.resolve("one").resolve(file));
        SafetensorsFile b = SafetensorsFile.open(folder.resolve("two").resolve(file))) {
      assertThat(a.names()).isEqualTo(b.names()).isNotEmpty();
      for (String name : a.names()) {
        ByteBuffer x = a.data(name).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer y = b.data(name).order(ByteOrder.LITTLE_ENDIAN);
        boolean wide = a.info(name).dtype() == Dtype.F64;
        while (x.hasRemaining()) {
          distances.add(
              wide
                  ? Math.abs(x.getDouble() - y.getDouble())
                  : Math.abs((double) x.getFloat() - y.getFloat()));
        }
      }
    }
  }
}
