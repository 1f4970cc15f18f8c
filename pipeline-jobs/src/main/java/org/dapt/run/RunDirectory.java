package org.dapt.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.TaskFolder;
import org.dapt.error.ConfigException;

/**
 * The directory of a run: which configuration and which model it belongs to ({@value #RUN_FILE},
 * {@value #CONFIG_FILE}) and where its parts lie. Immutable once born.
 *
 * <p>Steps and tasks count from 1. Failures of the file system after the directory is open are
 * {@link UncheckedIOException}s.
 */
public final class RunDirectory {
  /** What the run is; its presence makes a folder a run directory. */
  public static final String RUN_FILE = "run.json";

  /** The effective configuration that the run was started with. */
  public static final String CONFIG_FILE = "config.conf";

  /** Who writes the run. */
  public static final String LEASE_FILE = "lease";

  /**
   * What must stay the same for as long as the run lives.
   *
   * @param configHash of the keys that decide about results
   * @param modelSha256 of the base model's weights
   * @param tokenizerSha256 of the tokenizer
   * @param version of dapt that started the run; another one may go on with it
   */
  public record Identity(
      String configHash,
      String modelSha256,
      String tokenizerSha256,
      String method,
      long seed,
      String version) {}

  private final FileSystem files;
  private final Path root;
  private final ResultFolders results;
  private final String runId;
  private final Identity identity;
  private final String configText;

  /** What is learnt does not change: a task is learnt anew in a run that replaces this one. */
  private final Map<Path, String> learntSha256 = new ConcurrentHashMap<>();

  private RunDirectory(RunFiles run) throws IOException {
    var stored = run.read();
    this.files = run.files();
    this.root = run.root();
    this.results = ResultFolders.of(root, stored.data());
    this.runId = stored.runId();
    this.identity = stored.identity();
    this.configText = stored.configText();
  }

  /**
   * Opens the run at {@code root}, or starts one there if the folder does not exist, is empty or
   * holds nothing but its lease.
   *
   * @param configText the effective configuration, stored with a new run
   * @param data folder of the prepared data; null for one in the run
   * @param differences of a stored configuration text to the present one, one line each
   * @throws ConfigException if the folder holds something else, cannot be written, or is a run with
   *     another configuration, model or tokenizer
   * @throws org.dapt.error.LeaseException if there is no run and another process works there
   */
  public static RunDirectory openOrCreate(
      Configuration hadoop,
      Path root,
      Identity identity,
      String configText,
      Path data,
      Function<String, List<String>> differences) {
    try {
      var run = RunFiles.at(hadoop, root);
      if (!run.isRun()) {
        run.start(identity, configText, data);
      }
      SameRun.require(new RunDirectory(run), identity, differences);
      run.complete(configText);
      return new RunDirectory(run);
    } catch (IOException | IllegalArgumentException e) {
      throw RunFiles.unusable(root, e);
    }
  }

  /** The same with the prepared data in the run. */
  public static RunDirectory openOrCreate(
      Configuration hadoop,
      Path root,
      Identity identity,
      String configText,
      Function<String, List<String>> differences) {
    return openOrCreate(hadoop, root, identity, configText, null, differences);
  }

  /**
   * Looks what {@link #openOrCreate} would find, without writing anything.
   *
   * @param identity the present one of a run that was started with another; not asked for where
   *     there is none. What is not known without much work may be taken from that one.
   * @return the run; empty where it would start one
   * @throws ConfigException as {@link #openOrCreate}
   */
  public static Optional<RunDirectory> find(
      Configuration hadoop,
      Path root,
      UnaryOperator<Identity> identity,
      Function<String, List<String>> differences) {
    try {
      var run = RunFiles.at(hadoop, root);
      if (!run.isRun()) {
        run.requireFree();
        // Another process may have started it meanwhile.
        if (!run.isRun()) {
          return Optional.empty();
        }
      }
      var found = new RunDirectory(run);
      SameRun.require(found, identity.apply(found.identity), differences);
      return Optional.of(found);
    } catch (IOException | IllegalArgumentException e) {
      throw RunFiles.unusable(root, e);
    }
  }

  /** The run at {@code root}, whatever it was started with; empty where there is none. */
  public static Optional<RunDirectory> existing(Configuration hadoop, Path root) {
    try {
      var run = RunFiles.at(hadoop, root);
      return run.isRun() ? Optional.of(new RunDirectory(run)) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      throw RunFiles.unusable(root, e);
    }
  }

  /**
   * Opens the run at {@code root}.
   *
   * @throws ConfigException if there is none, or its files are damaged
   */
  public static RunDirectory open(Configuration hadoop, Path root) {
    try {
      var run = RunFiles.at(hadoop, root);
      if (!run.isRun()) {
        new RunReplacement(run.files(), run.root()).requireNone();
        throw new ConfigException(
            "%s is not a run directory: it has no %s. Give the run.dir of a run that was started."
                .formatted(RunFiles.shown(root), RUN_FILE));
      }
      return new RunDirectory(run);
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException(
          "The run directory %s cannot be read: %s. Check its path and its permissions."
              .formatted(RunFiles.shown(root), RunFiles.reason(e)),
          e);
    }
  }

  /** The directory itself, with scheme and authority. */
  public Path root() {
    return root;
  }

  /** The file system that the directory lies on. */
  public FileSystem files() {
    return files;
  }

  /** What the run was started with. */
  public Identity identity() {
    return identity;
  }

  /** The name of the run, drawn at its birth. */
  public String runId() {
    return runId;
  }

  /** The effective configuration that the run was started with. */
  public String configText() {
    return configText;
  }

  /** The prepared data of {@code task}. */
  public Path data(String task) {
    return results.data(task);
  }

  /** The prepared data of all tasks. */
  public Path data() {
    return results.data();
  }

  /** Whether the prepared data lie outside of the run, where other runs may use them too. */
  public boolean sharesData() {
    return !data().equals(RunFolder.DATA.in(root));
  }

  /**
   * What is learnt of the task at position {@code index} of the order, counted from 1.
   *
   * @throws ConfigException if the name of the task could lead out of a folder
   */
  public Path task(int index, String task) {
    return new Path(RunFolder.TASKS.in(root), RunFolder.ofTask(index, name(task)));
  }

  /** The pseudo samples of the task at position {@code index} of the order. */
  public Path pseudo(int index, String task) {
    return new Path(RunFolder.PSEUDO.in(root), RunFolder.ofTask(index, name(task)));
  }

  /** The scores after learning {@code step} tasks. */
  public Path scores(int step) {
    return results.scores(step);
  }

  /** The scores of all steps. */
  public Path scores() {
    return results.scores();
  }

  /** The predictions on {@code task} after learning {@code step} tasks. */
  public Path predictions(int step, String task) {
    return results.predictions(step, task);
  }

  /** Where data and results of the tasks that it learns lie. */
  public ResultFolders results() {
    return results;
  }

  /** Where those of a set of unseen tasks lie. */
  public ResultFolders unseen(String set) {
    return new ResultFolders(new Path(RunFolder.UNSEEN.in(root), set));
  }

  /** The lease of those who write the run. */
  public Path lease() {
    return leaseOf(root);
  }

  /** The lease of the run directory {@code root}, which need not exist yet. */
  public static Path leaseOf(Path root) {
    return new Path(root, LEASE_FILE);
  }

  /**
   * The names of the tasks whose training is finished, in the order in which they were learnt.
   *
   * @throws org.dapt.error.InputException if a position of the order is missing or taken twice, a
   *     task was learnt twice, or a marker is damaged
   */
  public List<String> learnt() {
    return LearntTasks.of(files, RunFolder.TASKS.in(root), identity.configHash());
  }

  /** The digest of what was learnt in {@code folder}, read once: every step asks for all. */
  public String learntSha256(Path folder) {
    return learntSha256.computeIfAbsent(folder, learnt -> TrainingSummary.sha256(marker(learnt)));
  }

  /** The marker of {@code folder} of this run. */
  public Marker marker(Path folder) {
    return Marker.of(files, folder);
  }

  private static String name(String task) {
    TaskFolder.checkName(task);
    return task;
  }
}
