package org.dapt.app;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.dapt.config.DaptConfig;
import org.dapt.config.ReflectionSource;
import org.dapt.data.prepare.PrepareTask;
import org.dapt.data.reader.Split;
import org.dapt.error.InputException;
import org.dapt.gang.Gang;
import org.dapt.gang.MemoryNeed;
import org.dapt.io.ModelFolder;
import org.dapt.job.DryRunItem;
import org.dapt.job.JobContext;
import org.dapt.job.MemoryEstimate;
import org.dapt.job.Sessions;
import org.dapt.models.Models;
import org.dapt.run.LearntFolder;
import org.dapt.run.PreparedSummary;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskOrder;

/**
 * Says what a command would do: checks the configuration, the model, the run and the task files,
 * sees what is done already, starts nothing and writes nothing.
 */
public final class DryRun {
  private static final double MIB = 1 << 20;

  private final DaptConfig config;
  private final SparkConf sparkConf;
  private final Configuration hadoop;

  /** Null where the command would start it. */
  private final RunDirectory run;

  private final TaskOrder order;
  private final List<DryRunItem> items = new ArrayList<>();

  /** Training examples of each task that was looked at. */
  private final Map<String, Long> examples = new LinkedHashMap<>();

  /**
   * Checks model and run.
   *
   * @throws org.dapt.error.DaptException what the command would throw
   */
  public DryRun(DaptConfig config) {
    this.config = config;
    sparkConf = Sessions.conf(config);
    hadoop = Sessions.hadoop(sparkConf);
    Path root = new Path(config.run().dir());
    run =
        RunDirectory.find(
                hadoop, root, Application.identity(config, hadoop), Application.differences(config))
            .orElse(null);
    order =
        new TaskOrder(
            config.tasks().order(), run == null ? List.of() : run.learnt(), root.toString());
    checked("configuration", "method " + config.method().name(), "valid");
    checked(
        "run",
        root.toString(),
        run == null
            ? "would be started"
            : "exists, tasks learnt: "
                + (order.learnt().isEmpty() ? "none" : String.join(", ", order.learnt())));
  }

  /** What {@code dapt run} would do. */
  public List<DryRunItem> run() throws IOException {
    List<String> tasks = order.continued();
    training();
    for (int i = 0; i < tasks.size(); i++) {
      learn(tasks.subList(0, i + 1));
    }
    return items;
  }

  /** What {@code dapt learn} would do. */
  public List<DryRunItem> learn(String task) throws IOException {
    training();
    List<String> tasks = new ArrayList<>(order.before(task));
    tasks.add(task);
    learn(tasks);
    return items;
  }

  /** What {@code dapt prepare} would do. */
  public List<DryRunItem> prepare(List<String> tasks) throws IOException {
    model();
    for (String task : tasks.isEmpty() ? order.all() : tasks) {
      prepared(task);
    }
    return items;
  }

  /** The tasks that are learnt after {@code step} tasks, null for all. */
  public List<String> learntTasks(Integer step) {
    return order.step(step);
  }

  /** The run; throws {@link org.dapt.error.ConfigException} where it would be started. */
  public RunDirectory directory() {
    return RunDirectory.open(hadoop, new Path(config.run().dir()));
  }

  /** The settings of the file systems. */
  public Configuration hadoop() {
    return hadoop;
  }

  /** What was found out so far: configuration, run and model. */
  public List<DryRunItem> header() {
    model();
    return items;
  }

  /** What {@code dapt train} would do. */
  public List<DryRunItem> train(String task) throws IOException {
    training();
    List<String> tasks = order.upTo(task);
    String last = tasks.get(tasks.size() - 1);
    if (!isPrepared(last)) {
      throw new InputException(
          "Task %s is not prepared. Run dapt prepare %s first.".formatted(last, last));
    }
    prepared(last);
    learnt(tasks);
    return items;
  }

  /** What {@code dapt evaluate} would do. */
  public List<DryRunItem> evaluate(Integer step) {
    model();
    evaluated(order.step(step));
    return items;
  }

  private void learn(List<String> tasks) throws IOException {
    String task = tasks.get(tasks.size() - 1);
    prepared(task);
    learnt(tasks);
    evaluated(tasks);
    if (config.reflection().source() == ReflectionSource.GENERATED) {
      if (isDone(tasks.size(), task) && run.marker(run.pseudo(tasks.size(), task)).isDone()) {
        done("replay", task, "");
      } else {
        toDo("replay", task, "where the method chooses by attention");
      }
    }
  }

  private void training() {
    Gang.checkSettings(sparkConf);
    MemoryNeed need = model();
    // How many slots a cluster has is known only when Spark has started.
    Gang.checkMemory(sparkConf, Math.max(1, config.train().ranks()), need);
    checked(
        "memory",
        "outside the heap",
        "up to about %.0f MiB, and %.0f MiB for each rank"
            .formatted(need.shared() / MIB, need.perRank() / MIB));
  }

  private MemoryNeed model() {
    try (ModelFolder folder = ModelFolder.open(Models.folder(config.model().path(), hadoop))) {
      checked(
          "model",
          config.model().path(),
          "%s, %d tensors"
              .formatted(folder.config().path("model_type").asText(), folder.names().size()));
      return MemoryEstimate.of(folder, config);
    }
  }

  private boolean isPrepared(String task) {
    return run != null
        && run.marker(run.data(task)).configHash().filter(config.hash()::equals).isPresent();
  }

  private void prepared(String task) throws IOException {
    if (isPrepared(task)) {
      long train = PreparedSummary.of(run.marker(run.data(task))).trainExamples();
      examples.put(task, train);
      done("prepare", task, train + " training examples");
      return;
    }
    Map<Split, Long> rows = PrepareTask.check(hadoop, PrepareJob.settings(config), task);
    examples.put(task, rows.get(Split.TRAIN));
    toDo(
        "prepare",
        task,
        "files are sound: %d train, %d dev, %d test examples"
            .formatted(rows.get(Split.TRAIN), rows.get(Split.DEV), rows.get(Split.TEST)));
  }

  private boolean isDone(int number, String task) {
    return order.learnt().size() >= number && order.learnt().get(number - 1).equals(task);
  }

  private void learnt(List<String> tasks) {
    String task = tasks.get(tasks.size() - 1);
    if (isDone(tasks.size(), task)) {
      done("train", task, "");
    } else {
      toDo(
          "train",
          task,
          "%d steps of %d examples"
              .formatted(config.train().steps(examples.get(task)), config.train().globalBatch()));
    }
  }

  private void evaluated(List<String> tasks) {
    int step = tasks.size();
    boolean done =
        run != null
            && isDone(step, tasks.get(step - 1))
            && run.marker(run.scores(step))
                .matches(config.hash(), JobContext.digests(run, LearntFolder.of(run, tasks)));
    items.add(
        done
            ? DryRunItem.done("evaluate", "step " + step, "")
            : DryRunItem.toDo("evaluate", "step " + step, ""));
  }

  private void done(String what, String subject, String detail) {
    items.add(DryRunItem.done(what, subject, detail));
  }

  private void toDo(String what, String subject, String detail) {
    items.add(DryRunItem.toDo(what, subject, detail));
  }

  private void checked(String what, String subject, String detail) {
    items.add(DryRunItem.checked(what, subject, detail));
  }
}
