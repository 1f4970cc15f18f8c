package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.Progressable;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.TaskManifest;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.error.LeaseException;
import org.dapt.run.RunDirectory.Identity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunDirectoryTest {
  private static final Identity IDENTITY =
      new Identity("c0ffee", "aa11", "bb22", "dapt-lora", -7, "0.1.0");
  private static final String CONFIG = "run { seed = -7 }\n";

  @TempDir java.nio.file.Path folder;
  private final Configuration hadoop = new Configuration();
  private java.nio.file.Path root;

  @BeforeEach
  void choose() {
    root = folder.resolve("runs/first");
  }

  @Test
  void aNewRunIsStoredAndOpenedAgain() {
    var born = create(IDENTITY);
    assertThat(born.runId()).isNotEmpty();
    assertThat(root.resolve("run.json")).content().contains("\"config_hash\" : \"c0ffee\"");
    for (var again : List.of(create(IDENTITY), open())) {
      assertThat(again.runId()).isEqualTo(born.runId());
      assertThat(again.identity()).isEqualTo(IDENTITY);
      assertThat(again.configText()).isEqualTo(CONFIG);
    }
  }

  @Test
  void aFolderWithOnlyALeaseBecomesARun() throws IOException {
    Files.createDirectories(root);
    Files.writeString(root.resolve("lease"), "{}");
    Files.writeString(root.resolve(".run.json.4711.tmp"), "{");
    assertThat(create(IDENTITY).identity()).isEqualTo(IDENTITY);
  }

  @Test
  void aFolderOfOtherFilesIsRefusedAndLeftAlone() throws IOException {
    Files.createDirectories(root);
    Files.writeString(root.resolve("config.conf"), "mine");
    assertThatThrownBy(() -> create(IDENTITY))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run.dir = " + root)
        .hasMessageContaining("config.conf");
    assertThat(root).isDirectoryContaining("glob:**/config.conf");
    assertThat(root.resolve("run.json")).doesNotExist();
    assertThat(root.resolve("config.conf")).hasContent("mine");
  }

  @Test
  void aDirectoryBelowAFileIsRefusedWithItsKeyAndPath() throws IOException {
    Files.writeString(folder.resolve("runs"), "a file");
    assertThatThrownBy(() -> create(IDENTITY))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run.dir = " + root)
        .hasMessageContaining("not a directory");
  }

  @Test
  void whereNoFolderCanBeMadeLookingForARunSaysSoToo() throws IOException {
    hadoop.set("fs.denied.impl", DeniedFileSystem.class.getName());
    var denied = new Path("denied:" + root);
    assertThat(find(new Path(root.toUri()))).isEmpty();
    var said = catchThrowable(() -> find(denied));
    assertThat(said)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "run.dir = " + denied, "denied:" + folder + " cannot be written by this user");
    assertThatThrownBy(
            () -> RunDirectory.openOrCreate(hadoop, denied, IDENTITY, CONFIG, stored -> List.of()))
        .hasMessage(said.getMessage());
    assertThat(root.getParent()).doesNotExist();
    Files.writeString(folder.resolve("runs"), "a file");
    assertThatThrownBy(() -> find(new Path(root.toUri())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("run.dir = " + root, "not a directory");
  }

  private Optional<RunDirectory> find(Path path) {
    return RunDirectory.find(hadoop, path, stored -> stored, stored -> List.of());
  }

  /** A disk that nobody may write. */
  public static final class DeniedFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("denied:///");
    }

    @Override
    public String getScheme() {
      return "denied";
    }

    @Override
    public void access(Path path, FsAction mode) throws IOException {
      throw new AccessControlException("no");
    }
  }

  @Test
  void aFileAsDirectoryIsRefused() throws IOException {
    Files.createDirectories(root.getParent());
    Files.writeString(root, "a file");
    assertThatThrownBy(() -> create(IDENTITY))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run.dir = " + root + " is a file");
    assertThat(root).hasContent("a file");
  }

  @Test
  void anotherConfigurationIsRefusedWithItsDifferences() {
    create(IDENTITY);
    var changed = new Identity("decaf", "aa11", "bb22", "dapt-lora", 8, "0.1.0");
    assertThatThrownBy(
            () ->
                RunDirectory.openOrCreate(
                    hadoop,
                    path(),
                    changed,
                    "run { seed = 8 }",
                    stored -> List.of("was: " + stored.strip(), "run.seed differs")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("was: run { seed = -7 }")
        .hasMessageContaining("run.seed differs")
        .hasMessageContainingAll(
            "Take another run.dir", "undo the changes; no task is learnt there yet");
    assertThat(open().configText()).isEqualTo(CONFIG);
  }

  @Test
  void anotherModelOrTokenizerIsRefused() {
    create(IDENTITY);
    assertThatThrownBy(
            () -> create(new Identity("c0ffee", "aa12", "bb22", "dapt-lora", -7, "0.1.0")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("The model at model.path changed")
        .hasMessageContaining("aa12, aa11 is expected");
    assertThatThrownBy(
            () -> create(new Identity("c0ffee", "aa11", "bb23", "dapt-lora", -7, "0.1.0")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("The tokenizer at model.path changed");
  }

  @Test
  void anotherVersionGoesOn() {
    var born = create(IDENTITY);
    var next = create(new Identity("c0ffee", "aa11", "bb22", "dapt-lora", -7, "0.2.0"));
    assertThat(next.runId()).isEqualTo(born.runId());
    assertThat(next.identity().version()).isEqualTo("0.1.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"run_id\":", "[]", "{\"run_id\":\"x\"}"})
  void aDamagedRunFileIsRefused(String content) throws IOException {
    Files.createDirectories(root);
    Files.writeString(root.resolve("run.json"), content);
    assertThatThrownBy(this::open)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run.json is damaged");
    assertThatThrownBy(() -> create(IDENTITY))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run.json is damaged");
    assertThat(root.resolve("run.json")).hasContent(content);
  }

  @Test
  void onlyARunCanBeOpened() throws IOException {
    assertThatThrownBy(this::open)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is not a run directory");
    assertThat(root).doesNotExist();
  }

  @Test
  void aConfigurationThatADyingProcessLeftOutIsWrittenLater() throws IOException {
    create(IDENTITY);
    Files.delete(root.resolve("config.conf"));
    assertThat(create(IDENTITY).configText()).isEqualTo(CONFIG);
    assertThat(root.resolve("config.conf")).hasContent(CONFIG);
  }

  @Test
  void ofSeveralCommandsAtOnceOneStartsTheRunAndTheOthersFindIt() throws Exception {
    for (int round = 0; round < 8; round++) {
      startAtOnce(6, new Path(folder.resolve("at-once-" + round).toUri()));
    }
  }

  @Test
  void soTheyDoWhereCreatingAFileIsNoLock() throws Exception {
    hadoop.set("fs.loose.impl", LooseFileSystem.class.getName());
    startAtOnce(3, new Path("loose:" + folder + "/at-once"));
  }

  /** An object store, where of several files of a name the last one stands. */
  public static final class LooseFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("loose:///");
    }

    @Override
    public String getScheme() {
      return "loose";
    }

    @Override
    public void access(Path path, FsAction mode) {}

    @Override
    public FSDataOutputStream create(
        Path file, boolean overwrite, int buffer, short copies, long block, Progressable progress)
        throws IOException {
      return super.create(file, true, buffer, copies, block, progress);
    }
  }

  /** Each looks for the run first, as commands do. */
  private void startAtOnce(int commands, Path place) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(commands);
    try {
      CyclicBarrier start = new CyclicBarrier(commands);
      List<Future<RunDirectory>> opened = new ArrayList<>();
      for (int i = 0; i < commands; i++) {
        opened.add(
            threads.submit(
                () -> {
                  start.await();
                  find(place);
                  return RunDirectory.openOrCreate(
                      hadoop, place, IDENTITY, CONFIG, stored -> List.of());
                }));
      }
      String runId = RunDirectory.open(hadoop, opened.get(0).get().root()).runId();
      for (Future<RunDirectory> one : opened) {
        assertThat(one.get().runId()).isEqualTo(runId);
        assertThat(one.get().configText()).isEqualTo(CONFIG);
      }
      assertThat(java.nio.file.Path.of(place.toUri().getPath()))
          .isDirectoryNotContaining("glob:**/lease");
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void noRunIsStartedWhereAnotherProcessWorks() throws IOException {
    Lease lease =
        Lease.acquire(
            path().getFileSystem(hadoop),
            RunDirectory.leaseOf(path()),
            new LeaseTimes(Duration.ofMillis(20), Duration.ofSeconds(15), Duration.ofSeconds(1)));
    try (lease) {
      assertThatThrownBy(() -> create(IDENTITY)).isInstanceOf(LeaseException.class);
    }
    assertThat(root.resolve("run.json")).doesNotExist();
  }

  @Test
  void namesAreTheSameInALocaleWithOtherDigits() {
    var before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat("%d".formatted(1)).isNotEqualTo("1");
      var run = create(IDENTITY);
      assertThat(run.task(3, "qa").getName()).isEqualTo("03-qa");
      assertThat(run.scores(1).getName()).isEqualTo("step=0001");
      assertThat(TaskManifest.Shard.file(Split.TRAIN, 7)).isEqualTo("train/shard-00007.parquet");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void sharedDataAreFoundWhereRunsAndDataWereMovedTo() throws Exception {
    java.nio.file.Path there = Files.createDirectories(folder.resolve("there"));
    var run = shared(there.resolve("runs/a"), there.resolve("data/x"));
    assertThat(run.data("qa").toString()).isEqualTo("file:" + there + "/data/x/qa");
    var far = shared(there.resolve("runs/b"), folder.resolve("far"));
    assertThat(far.sharesData()).isTrue();
    java.nio.file.Path here = folder.resolve("here");
    Files.move(there, here);

    var moved = RunDirectory.open(hadoop, new Path(here.resolve("runs/a").toUri()));
    assertThat(moved.data("qa").toString()).isEqualTo("file:" + here + "/data/x/qa");
    var other = RunDirectory.open(hadoop, new Path(here.resolve("runs/b").toUri()));
    assertThat(other.data("qa").toString()).isEqualTo("file:" + folder + "/far/qa");
  }

  private RunDirectory shared(java.nio.file.Path root, java.nio.file.Path data) {
    return RunDirectory.openOrCreate(
        hadoop,
        new Path(root.toUri()),
        IDENTITY,
        CONFIG,
        new Path(data.toUri()),
        stored -> List.of());
  }

  @Test
  void partsLieWhereTheFormatSays() {
    var run = create(IDENTITY);
    var base = run.root() + "/";
    assertThat(run.data("a task").toString()).isEqualTo(base + "data/a task");
    assertThat(run.task(3, "qa").toString()).isEqualTo(base + "tasks/03-qa");
    assertThat(run.task(123, "qa").toString()).isEqualTo(base + "tasks/123-qa");
    assertThat(run.scores(1).toString()).isEqualTo(base + "scores/step=0001");
    assertThat(run.predictions(12, "a%20b").getName()).isEqualTo("task=a%2520b");
    assertThat(run.predictions(12, "qa").toString())
        .isEqualTo(base + "predictions/step=0012/task=qa");
    assertThat(run.results().attention(2).toString()).isEqualTo(base + "attention/step=0002");
    assertThat(run.lease().toString()).isEqualTo(base + "lease");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "a/b", "a\\b", "_a", "a:b", "a\nb"})
  void aTaskNameThatIsNoFolderNameIsRefused(String name) {
    var run = create(IDENTITY);
    assertThatThrownBy(() -> run.task(1, name))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tasks.order");
  }

  @Test
  void learntAreTheFinishedTasksOfThisConfigurationInOrder() throws IOException {
    var run = create(IDENTITY);
    assertThat(run.learnt()).isEmpty();
    finish(run, 2, "b-2", "c0ffee");
    finish(run, 1, "a", "c0ffee");
    finish(run, 3, "c", "another");
    Files.createDirectories(root.resolve("tasks/04-d"));
    assertThat(run.learnt()).containsExactly("a", "b-2");
  }

  @Test
  void gapsAndRepetitionsAmongFinishedTasksAreRefused() {
    var run = create(IDENTITY);
    finish(run, 2, "b", "c0ffee");
    assertThatThrownBy(run::learnt)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no finished task at position 1");
    finish(run, 1, "a", "c0ffee");
    finish(run, 3, "a", "c0ffee");
    assertThatThrownBy(run::learnt)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the same task was learnt at position 1");
    finish(run, 2, "c", "c0ffee");
    assertThatThrownBy(run::learnt)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a second finished task at position 2");
  }

  private static void finish(RunDirectory run, int index, String task, String hash) {
    run.marker(run.task(index, task)).write(hash, Map.of(), Map.of());
  }

  private RunDirectory create(Identity identity) {
    return RunDirectory.openOrCreate(
        hadoop,
        path(),
        identity,
        CONFIG,
        stored -> {
          throw new AssertionError("nothing differs");
        });
  }

  private RunDirectory open() {
    return RunDirectory.open(hadoop, path());
  }

  private Path path() {
    return new Path(root.toString());
  }
}
