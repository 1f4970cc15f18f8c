package org.dapt.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.dapt.backbone.Backbone;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.Dtype;
import org.dapt.io.LocalModelFiles;
import org.dapt.io.ModelFiles;
import org.dapt.io.ModelFolder;
import org.dapt.io.SafetensorsWriter;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Device;
import org.dapt.tensor.DeviceChoice;
import org.dapt.tensor.DeviceMemory;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
  private static final Path MODEL = Path.of(System.getProperty("dapt.home"), "models/base-tiny");

  @TempDir private Path folder;

  private final Configuration hadoop = new Configuration();
  private Path remote;
  private Path cache;

  @BeforeEach
  void copyTheModel() throws IOException {
    hadoop.set("fs.counted.impl", CountingFileSystem.class.getName());
    cache = Files.createDirectories(folder.resolve("cache/models"));
    System.setProperty("dapt.cache.dir", folder.resolve("cache").toString());
    remote = Files.createDirectory(folder.resolve("remote"));
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, remote.resolve(file.getFileName().toString()));
      }
    }
    for (String unused : List.of("pytorch_model.bin", "tf_model.h5", "other.safetensors")) {
      Files.writeString(remote.resolve(unused), "not read");
    }
    CountingFileSystem.OPENED.clear();
  }

  @Test
  void ofARemoteModelOnlyWhatIsComputedWithIsCopiedAndOnce() throws IOException {
    try (Backbone first = load();
        Backbone again = load();
        Backbone local =
            Models.load(remote.toString(), Placement.cpu(ComputeType.FLOAT32), hadoop)) {
      assertThat(first.sha256()).isEqualTo(local.sha256()).isEqualTo(again.sha256());
    }
    List<Path> copies = copies();
    assertThat(copies).hasSize(1);
    try (Stream<Path> files = Files.list(copies.get(0))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "model.safetensors");
    }
    // Twice its header, and once the whole.
    assertThat(CountingFileSystem.OPENED.get("model.safetensors")).isEqualTo(3);
    assertThat(CountingFileSystem.OPENED).doesNotContainKeys("pytorch_model.bin", "tf_model.h5");
  }

  @Test
  void aModelThatIsLargerThanWhatIsFreeOfAGpuIsRefused() {
    Placement gpu = new Placement(Device.cuda(1), ComputeType.BFLOAT16);
    try (ModelFolder model = Models.open(remote.toString(), hadoop)) {
      long bytes = 2 * model.names().stream().mapToLong(n -> model.info(n).elements()).sum();
      Models.requireRoom(model, gpu, new DeviceMemory(bytes, 80L << 30));
      assertThatThrownBy(
              () -> Models.requireRoom(model, gpu, new DeviceMemory(bytes - 1, 80L << 30)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(
              remote.toString(), "81920 MiB of cuda:1", "model.dtype = bfloat16");
    }
  }

  @Test
  void aTurnEndsAsItsGenerationConfigurationSays() throws IOException {
    Files.writeString(
        remote.resolve("config.json"),
        "{\"model_type\": \"llama\", \"vocab_size\": 32128, \"eos_token_id\": 1}");
    Files.writeString(remote.resolve("generation_config.json"), "{\"eos_token_id\": [1, 32099]}");
    for (String model : List.of(remote.toString(), path())) {
      assertThat(Models.tokenRules(model, hadoop).targetEnd()).isEqualTo(1);
      assertThat(Models.tokenizer(model, hadoop).rules().turnEnds()).containsExactly(1, 32099);
    }
  }

  @Test
  void whatDoesNotComputeCopiesNothing() throws IOException {
    String path = path();
    Models.check(path, hadoop);
    try (ModelFolder model = Models.open(path, hadoop)) {
      assertThat(model.names()).isNotEmpty();
      assertThat(model.shown()).isEqualTo(path);
    }
    assertThat(Models.tokenizer(path, hadoop).sha256())
        .isEqualTo(Models.tokenizer(remote.toString(), hadoop).sha256());
    assertThat(Models.tokenizer(path, hadoop)).isSameAs(Models.tokenizer(path, hadoop));
    assertThat(CountingFileSystem.OPENED.get("tokenizer.json")).isEqualTo(1);
    assertThat(copies()).isEmpty();
  }

  @Test
  void noWeightsAreFetchedForADigestThatNobodyTookBefore() throws IOException {
    String path = path();
    String local = Models.sha256(remote.toString(), hadoop);
    assertThat(Models.knownSha256(remote.toString(), hadoop)).contains(local);
    assertThat(Models.knownSha256(path, hadoop)).isEmpty();
    // The header alone.
    assertThat(CountingFileSystem.OPENED.get("model.safetensors")).isEqualTo(1);
    assertThat(Models.sha256(path, hadoop)).isEqualTo(local);
    assertThat(Models.knownSha256(path, hadoop)).contains(local);
    assertThat(copies()).isEmpty();
    Files.setLastModifiedTime(remote.resolve("config.json"), FileTime.fromMillis(1_000_000));
    assertThat(Models.knownSha256(path, hadoop)).isEmpty();
  }

  @Test
  void aChangedModelIsCopiedAnew() throws IOException {
    load().close();
    Files.setLastModifiedTime(remote.resolve("config.json"), FileTime.fromMillis(1_000_000));
    load().close();
    assertThat(copies()).hasSize(2);
  }

  @Test
  void messagesNameTheFolderAsTheUserDoes() throws IOException {
    String path = path();
    Path weights = remote.resolve("model.safetensors");
    byte[] sound = Files.readAllBytes(weights);
    byte[] broken = sound.clone();
    // The last numbers of the file are those of some tensor.
    ByteBuffer.wrap(broken).putInt(broken.length - 4, -1);
    Files.write(weights, broken);
    assertThatThrownBy(() -> load())
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(path + "/model.safetensors", "NaN")
        .hasMessageNotContaining(cache.toString());
    Files.writeString(remote.resolve("tokenizer.json"), "{}");
    assertThatThrownBy(() -> Models.tokenizer(path, hadoop))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(path + "/tokenizer.json");
    assertThatThrownBy(() -> Models.open("counted:" + folder.resolve("none"), hadoop))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("none does not exist", "model.path");
    assertThatThrownBy(() -> Models.open("nowhere://host/model", hadoop))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("nowhere://host/model", "model.path");
  }

  @Test
  void aTokenizerThatChangesIsAnotherOne() throws IOException {
    String path = remote.toString();
    String before = Models.tokenizer(path, hadoop).sha256();
    Files.writeString(
        remote.resolve("tokenizer.json"), Files.readString(remote.resolve("tokenizer.json")) + " ");
    String after = Models.tokenizer(path, hadoop).sha256();
    assertThat(after).isNotEqualTo(before);
    assertThatThrownBy(() -> Models.tokenizer(path, true, hadoop, before))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(before, after, "on the driver");
  }

  @Test
  void threadsShareOneModel() {
    ModelSource source =
        new ModelSource(remote.toString(), ComputeType.FLOAT32, DeviceChoice.CPU, true);
    List<Backbone> loaded =
        IntStream.range(0, 4).parallel().mapToObj(i -> Models.backbone(source, hadoop)).toList();
    assertThat(loaded).hasSize(4).allMatch(one -> one == loaded.get(0));
  }

  @Test
  void copiesThatWereUsedLongestAgoMakeRoom() throws IOException {
    long bytes = bytes(remote);
    ModelCopies copies = new ModelCopies(cache, new CopySpace(cache, 2 * bytes + 100));
    List<Path> made = List.of(copy(copies, "a"), copy(copies, "b"));
    age(made.get(0), 2);
    age(made.get(1), 1);
    assertThat(copy(copies, "a")).isEqualTo(made.get(0));
    Path third = copy(copies, "c");
    assertThat(copies()).containsExactlyInAnyOrder(made.get(0), third);
    // One that nobody used for a month goes though there is room.
    age(made.get(0), 24 * 31);
    new ModelCopies(cache, new CopySpace(cache, 100 * bytes)).with(files("c"), copy -> "");
    assertThat(copies()).containsExactly(third);
  }

  @Test
  void aCopyInUseStaysAndOneBeyondTheLimitGoes() throws IOException {
    ModelCopies copies = new ModelCopies(cache, new CopySpace(cache, 10));
    Path copy =
        copies.with(
            files("a"),
            files -> {
              assertThat(files.shown()).isEqualTo("a");
              return ((LocalModelFiles) files).folder();
            });
    assertThat(copy).doesNotExist();
    // Locked as by another process, whose copy it is.
    Path other = copy(new ModelCopies(cache, new CopySpace(cache, 1L << 40)), "b");
    try (FileChannel channel = FileChannel.open(CopySpace.lockOf(other), StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      copies.with(files("c"), files -> "");
      assertThat(copies()).containsExactly(other);
    }
  }

  @Test
  void whatAnInterruptedCopyLeftBehindIsReplaced() throws IOException {
    ModelCopies copies = new ModelCopies(cache, new CopySpace(cache, 1L << 40));
    Path copy = copy(copies, "a");
    Path part = Files.createDirectory(CopySpace.partOf(copy));
    Files.move(copy.resolve("config.json"), part.resolve("config.json"));
    CopySpace.delete(copy);
    assertThat(copy(copies, "a")).isEqualTo(copy);
    assertThat(part).doesNotExist();
    assertThat(copy.resolve("config.json")).exists();
  }

  @Test
  void aModelThatTheDiskHasNoRoomForIsRefused() {
    assertThatThrownBy(
            () ->
                new CopySpace(cache, Long.MAX_VALUE)
                    .makeRoom(cache.resolve("x"), 1L << 60, "the model"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("the model", "DAPT_CACHE_DIR");
  }

  @Test
  void theDigestOfALargeModelIsTakenOnceForAsLongAsItStays() throws IOException {
    AtomicInteger passes = new AtomicInteger();
    Path large = Files.createDirectory(folder.resolve("large"));
    Files.writeString(large.resolve("config.json"), "{}");
    Files.write(large.resolve("model.safetensors"), weights(1));
    Function<Path, String> digest =
        path -> {
          ModelFiles files = new Counted(new LocalModelFiles(path), passes);
          try (ModelFolder model = ModelFolder.open(files)) {
            return ModelDigests.of(files, model, 0);
          }
        };
    String expected;
    try (ModelFolder model = ModelFolder.open(large)) {
      expected = model.sha256();
    }
    assertThat(digest.apply(large)).isEqualTo(expected);
    int once = passes.get();
    assertThat(digest.apply(large)).isEqualTo(expected);
    // The header alone.
    assertThat(passes.get() - once).isEqualTo(1);
    FileTime before = Files.getLastModifiedTime(large.resolve("model.safetensors"));
    Files.write(large.resolve("model.safetensors"), weights(2));
    Files.setLastModifiedTime(large.resolve("model.safetensors"), before);
    assertThat(digest.apply(large)).isNotEqualTo(expected);
  }

  /** Counts how often the weights are opened. */
  private record Counted(ModelFiles of, AtomicInteger passes) implements ModelFiles {
    @Override
    public String shown() {
      return of.shown();
    }

    @Override
    public boolean isFolder() throws IOException {
      return of.isFolder();
    }

    @Override
    public boolean exists(String name) throws IOException {
      return of.exists(name);
    }

    @Override
    public List<String> names() throws IOException {
      return of.names();
    }

    @Override
    public long length(String name) throws IOException {
      return of.length(name);
    }

    @Override
    public String stamp(String name) throws IOException {
      return of.stamp(name);
    }

    @Override
    public java.io.InputStream open(String name) throws IOException {
      if (name.endsWith(".safetensors")) {
        passes.incrementAndGet();
      }
      return of.open(name);
    }
  }

  private static byte[] weights(int value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).putInt(0, value);
    return new SafetensorsWriter().add("x", Dtype.F32, new long[] {2}, bytes).toBytes();
  }

  private String path() {
    return "counted:" + remote;
  }

  private Backbone load() {
    return Models.load(path(), Placement.cpu(ComputeType.FLOAT32), hadoop);
  }

  private ModelFiles files(String shown) {
    return new LocalModelFiles(remote, shown, false);
  }

  private Path copy(ModelCopies copies, String shown) {
    return copies.with(files(shown), files -> ((LocalModelFiles) files).folder());
  }

  private List<Path> copies() throws IOException {
    try (Stream<Path> all = Files.list(cache)) {
      return all.filter(Files::isDirectory).toList();
    }
  }

  private static void age(Path copy, int hours) throws IOException {
    Files.setLastModifiedTime(
        copy, FileTime.fromMillis(System.currentTimeMillis() - hours * 3_600_000L));
  }

  private static long bytes(Path folder) throws IOException {
    return Files.size(folder.resolve("config.json"))
        + Files.size(folder.resolve("model.safetensors"));
  }
}
