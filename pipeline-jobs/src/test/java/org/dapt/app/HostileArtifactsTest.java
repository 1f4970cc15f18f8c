package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ExitCode;
import org.dapt.gang.TestSpark;
import org.dapt.hostile.BrokenBytes;
import org.dapt.hostile.BrokenInput;
import org.dapt.hostile.BrokenSafetensors;
import org.dapt.hostile.Outcome;
import org.dapt.job.JobContext;
import org.dapt.method.LearntTask;
import org.dapt.replay.PseudoFolder;
import org.dapt.replay.PseudoSample;
import org.dapt.replay.SampleHarvest;
import org.dapt.run.Marker;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What is stored of a learnt task, broken after it was stored. */
class HostileArtifactsTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir private static Path folder;
  private static Path task;

  @BeforeAll
  static void learn() throws IOException {
    task = Files.createDirectories(folder.resolve("tasks/01-colour"));
    FileSystem files = FileSystem.getLocal(HADOOP);
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> block = new LinkedHashMap<>();
      block.put("q.lora_A", Tensor.create(new float[] {1, 2, 3, 4}, 1, 4));
      block.put("q.lora_B", Tensor.create(new float[] {5, 6, 7, 8}, 4, 1));
      LearntTask learnt =
          new LearntTask(
              "colour",
              block,
              Map.of("key", Tensor.create(new float[] {1, 0, 0, 1}, 4)),
              List.of(1.0));
      TaskArtifacts.Packed packed = TaskArtifacts.pack(learnt, "dapt-lora");
      TaskArtifacts.write(files, hadoopPath(task), packed);
      Marker.of(files, hadoopPath(task)).write("c1", Map.of(), Map.of("sha256", packed.sha256()));
    }
    read();
  }

  @TestFactory
  Stream<DynamicTest> blocks() throws IOException {
    byte[] valid = Files.readAllBytes(task.resolve("block.safetensors"));
    return BrokenSafetensors.of(valid, 12, 60).stream()
        .map(input -> broken("block.safetensors", valid, input));
  }

  @TestFactory
  Stream<DynamicTest> targets() throws IOException {
    byte[] valid = Files.readAllBytes(task.resolve("target.json"));
    return BrokenInput.json(valid, 13, 40).map(input -> broken("target.json", valid, input));
  }

  @TestFactory
  Stream<DynamicTest> pseudoSamples() throws IOException {
    SparkSession spark = TestSpark.session();
    Path root = folder.resolve("run");
    DaptConfig config =
        ConfigLoader.load(
            null, List.of("run.dir=" + root, "model.path=/models/t5", "tasks.root=/tasks"));
    RunDirectory run =
        RunDirectory.openOrCreate(
            HADOOP,
            hadoopPath(root),
            new RunDirectory.Identity("c1", "m1", "t1", "dapt-lora", 42, "0.1.0"),
            "",
            stored -> List.of());
    PseudoFolder pseudo = new PseudoFolder(new JobContext(spark, config, run), 1, "colour");
    SampleHarvest harvest = new SampleHarvest(3);
    for (int i = 0; i < 3; i++) {
      harvest.add(i, 1, PseudoSample.text("Name the colour.", "Lamp " + i + ".", "red"));
    }
    pseudo.write(harvest);
    pseudo.marker().write("c1", Map.of(), PseudoFolder.summary(harvest));
    assertThat(pseudo.samples()).hasSize(3);
    Path samples = root.resolve("pseudo/01-colour/samples.parquet");
    Path file;
    try (Stream<Path> files = Files.list(samples)) {
      file = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] valid = Files.readAllBytes(file);
    return Stream.concat(
        BrokenBytes.of(valid, 14, 12).stream()
            .map(
                input ->
                    Outcome.test(
                        "samples.parquet: " + input.name(),
                        () -> {
                          replace(file, input.content());
                          Outcome.of(
                              ExitCode.INPUT,
                              "samples.parquet",
                              () -> assertThat(pseudo.samples()).hasSize(3));
                        })),
        Stream.of(
            Outcome.test(
                "samples.parquet: no file",
                () -> {
                  Files.delete(file);
                  Outcome.refused(ExitCode.INPUT, "samples.parquet", pseudo::samples);
                })));
  }

  private static DynamicTest broken(String file, byte[] valid, BrokenInput input) {
    return Outcome.test(
        file + ": " + input.name(),
        () -> {
          replace(task.resolve(file), input.content());
          Outcome.of(ExitCode.INPUT, task.toString(), HostileArtifactsTest::read);
          replace(task.resolve(file), valid);
        });
  }

  private static void read() {
    try (PointerScope scope = new PointerScope()) {
      LearntTask learnt =
          TaskArtifacts.read(
              HADOOP, hadoopPath(task), "colour", Placement.cpu(ComputeType.FLOAT32));
      assertThat(learnt.block()).containsOnlyKeys("q.lora_A", "q.lora_B");
    }
  }

  private static void replace(Path file, byte[] content) throws IOException {
    // Without the side file of Hadoop's local file system, which would notice every change.
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.write(file, content);
  }

  private static org.apache.hadoop.fs.Path hadoopPath(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
