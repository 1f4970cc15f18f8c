package org.dapt.data.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.LengthStatistics;
import org.dapt.data.shard.ManifestFile;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.Shards;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.shard.TaskManifest.Input;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.data.shard.TaskManifest.Splits;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.error.ExitCode;
import org.dapt.hostile.BrokenBytes;
import org.dapt.hostile.BrokenInput;
import org.dapt.hostile.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Prepared tasks of which the manifest or a shard is broken. */
class HostilePreparedTaskTest {
  private static final int ROWS = 40;
  private static final Configuration HADOOP = new Configuration();

  @TempDir private static Path folder;
  private static byte[] manifest;
  private static byte[] shard;

  @BeforeAll
  static void prepare() throws IOException {
    var shards = new ArrayList<Shard>();
    for (var split : Split.values()) {
      var file = new org.apache.hadoop.fs.Path(hadoopFolder(), Shard.file(split, 0));
      Shards.write(HADOOP, file, rows());
      var local = folder.resolve(Shard.file(split, 0));
      shards.add(new Shard(0, Shard.file(split, 0), ROWS, Files.size(local), "0".repeat(64)));
    }
    var lengths = new LengthStatistics(1, 2, 3, 4, 5);
    var contents =
        shards.stream()
            .map(
                s ->
                    new SplitContent(
                        ROWS, ROWS, lengths, lengths, 0, 0, 0, 0, 0, 0, 0, 0, List.of(s)))
            .toList();
    ManifestFile.write(
        hadoopFolder().getFileSystem(HADOOP),
        hadoopFolder(),
        new TaskManifest(
            TaskManifest.FORMAT_VERSION,
            "odd",
            "Say it.",
            new Recipe("super-ni", "super-ni", 64, 8, 1, 0.1, 1, true),
            "0".repeat(64),
            List.of(new Input("train", "train.json", 10, "0".repeat(64), ROWS)),
            null,
            null,
            new Splits(contents.get(0), contents.get(1), contents.get(2))));
    manifest = Files.readAllBytes(folder.resolve("manifest.json"));
    shard = Files.readAllBytes(folder.resolve(Shard.file(Split.TRAIN, 0)));
    open();
  }

  @TestFactory
  Stream<DynamicTest> manifests() {
    return BrokenInput.json(manifest, 4, 120)
        .map(
            input ->
                Outcome.test(
                    "manifest.json: " + input.name(),
                    () -> {
                      replace("manifest.json", input.content());
                      Outcome.of(ExitCode.INPUT, folder.toString(), HostilePreparedTaskTest::open);
                      replace("manifest.json", manifest);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> shards() {
    return Stream.of(BrokenBytes.of(shard, 5, 60).stream(), footers(), lengthsOfFooters())
        .flatMap(inputs -> inputs)
        .map(
            input ->
                Outcome.test(
                    "shard: " + input.name(),
                    () -> {
                      var file = Shard.file(Split.TRAIN, 0);
                      replace(file, input.content());
                      Outcome.of(ExitCode.INPUT, "shard-00000.parquet", () -> read(input));
                      replace(file, shard);
                    }));
  }

  @Test
  void aFolderInPlaceOfAManifestIsNamed() throws IOException {
    var task = Files.createDirectories(folder.resolve("odd/manifest.json")).getParent();
    Outcome.refused(
        ExitCode.INPUT,
        task.resolve("manifest.json").toString(),
        () -> PreparedTask.open(HADOOP, new org.apache.hadoop.fs.Path(task.toUri())));
  }

  /** Damage to the last bytes only, where Parquet keeps what it believes of the rest. */
  private static Stream<BrokenInput> footers() {
    var length = ByteBuffer.wrap(shard).order(ByteOrder.LITTLE_ENDIAN).getInt(shard.length - 8);
    var start = shard.length - 8 - length;
    var footer = Arrays.copyOfRange(shard, start, shard.length - 8);
    return BrokenBytes.of(footer, 6, 100).stream()
        .map(
            input ->
                new BrokenInput(
                    "footer " + input.name(),
                    ByteBuffer.allocate(start + input.content().length + 8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(shard, 0, start)
                        .put(input.content())
                        .putInt(input.content().length)
                        .put(shard, shard.length - 4, 4)
                        .array()));
  }

  private static Stream<BrokenInput> lengthsOfFooters() {
    return IntStream.of(0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, shard.length)
        .mapToObj(
            length -> {
              var file = shard.clone();
              ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(file.length - 8, length);
              return new BrokenInput("length of the footer " + length, file);
            });
  }

  private static void open() throws IOException {
    var task = PreparedTask.open(HADOOP, hadoopFolder());
    try (var reader = task.reader(Split.TRAIN, 0, Projection.ALL)) {
      assertThat(reader.readAll()).hasSize(ROWS);
    }
  }

  private static void read(BrokenInput input) {
    var entry =
        new Shard(0, Shard.file(Split.TRAIN, 0), ROWS, input.content().length, "0".repeat(64));
    try (var reader = ShardReader.open(HADOOP, hadoopFolder(), entry, Projection.ALL)) {
      assertThat(reader.readAll()).hasSize(ROWS);
    }
  }

  private static void replace(String file, byte[] content) throws IOException {
    // Without the side file of Hadoop's local file system, which would notice every change.
    var path = folder.resolve(file);
    Files.deleteIfExists(path.resolveSibling("." + path.getFileName() + ".crc"));
    Files.write(path, content);
  }

  private static List<TokenisedExample> rows() {
    return IntStream.range(0, ROWS)
        .mapToObj(
            i ->
                new TokenisedExample(
                    i,
                    "id-" + i,
                    "The number is " + i,
                    List.of(i % 2 == 0 ? "even" : "odd"),
                    new int[] {i, i + 1, 1},
                    new int[] {i % 2, 1}))
        .toList();
  }

  private static org.apache.hadoop.fs.Path hadoopFolder() {
    return new org.apache.hadoop.fs.Path(folder.toUri());
  }
}
