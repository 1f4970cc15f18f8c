package org.dapt.app;

import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.dapt.bank.ForgetJob;
import org.dapt.bank.ForgetPlan;
import org.dapt.bank.Forgotten;
import org.dapt.bank.MergeJob;
import org.dapt.bank.Merged;
import org.dapt.bank.PartLeases;
import org.dapt.bank.RealignJob;
import org.dapt.bank.RealignTargets;
import org.dapt.bank.Realigned;
import org.dapt.bank.SourceRun;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.job.AtOnce;
import org.dapt.job.OutputFolder;
import org.dapt.job.Session;
import org.dapt.job.Sessions;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.dapt.run.RunDirectory;
import org.dapt.run.RunReplacement;

/** What commands do with the blocks of a run besides learning them. */
public final class Bank {
  private final Application application;
  private final RunDirectory run;

  Bank(Application application) {
    this.application = application;
    run = application.directory();
  }

  /**
   * Takes an adapter of PEFT as the block of a task that comes after those learnt so far. The task
   * is prepared first: it is evaluated and replayed like any other.
   *
   * @param adapter the adapter's folder
   * @throws ConfigException if the task is learnt already, or the method takes all tasks together
   * @throws org.dapt.error.InputException if the adapter does not fit the run
   */
  public void importAdapter(Session session, String adapter, String task) throws IOException {
    AtOnce.requireOneByOne(application.config());
    try (Lease lease = Lease.acquire(run.files(), run.lease(), LeaseTimes.standard())) {
      List<String> tasks = new ArrayList<>(run.learnt());
      if (tasks.contains(task)) {
        throw new ConfigException(
            "Task %s is learnt in %s already; learnt are %s. Name another task, or take another run."
                .formatted(task, run.root(), String.join(", ", tasks)));
      }
      tasks.add(task);
      application.in(
          session,
          context -> {
            new LearnJob(context).take(tasks, adapter, lease);
            return null;
          });
    }
  }

  /**
   * Fits keys and query network of the learnt tasks again, to the attention that each task was left
   * with.
   *
   * @throws ConfigException if the method has none, or fewer than two tasks are learnt
   * @throws org.dapt.error.InputException if there are no replayed inputs to fit them to
   */
  public Realigned realign(Session session) throws IOException {
    return realign(session, RealignTargets.STORED);
  }

  private Realigned realign(Session session, RealignTargets targets) throws IOException {
    checked();
    try (Lease lease = Lease.acquire(run.files(), run.lease(), LeaseTimes.standard())) {
      // Whoever had the lease until now may have learnt a task.
      List<String> tasks = checked();
      Needs needs = application.needsOfAnswers();
      return application.in(
          session,
          context -> {
            needs.checkMemory(context.sparkContext().getConf(), 0);
            return new RealignJob(context, targets).run(tasks, lease);
          });
    }
  }

  /** The learnt tasks, which can be realigned. */
  private List<String> checked() {
    List<String> tasks = run.learnt();
    RealignJob.check(application.config().method().name(), tasks, run.root());
    return tasks;
  }

  /**
   * Puts the blocks of several runs into a new one.
   *
   * @param runs their directories, at least two
   * @param output directory of the new run, which is empty or does not exist
   * @throws ConfigException if the runs do not go together, or the directory is not free
   */
  public static Merged merge(List<String> runs, String output) throws IOException {
    Configuration hadoop = Sessions.hadoop(new SparkConf());
    if (runs.size() < 2) {
      throw new ConfigException(
          "--runs names %d run, at least two are merged: give their directories with commas between them."
              .formatted(runs.size()));
    }
    List<SourceRun> sources = new ArrayList<>();
    Map<String, Map<String, Object>> overrides = new TreeMap<>();
    for (String folder : runs) {
      RunDirectory run = RunDirectory.open(hadoop, new Path(folder));
      sources.add(SourceRun.of(run, Opening.stored(folder, List.of())));
      overrides.putAll(LearntOverrides.of(run).byTask());
    }
    MergeJob job = new MergeJob(sources, hadoop);
    RunReplacement replacement = replacement(hadoop, output);
    Path root = replacement.root();
    if (replacement.waiting().isEmpty()) {
      OutputFolder.free(hadoop, output, RunDirectory.LEASE_FILE);
    }
    try (Lease lease = acquire(replacement)) {
      if (replacement.finish().filter(MergeJob.COMMAND::equals).isPresent()) {
        Optional<Merged> made = job.made(RunDirectory.open(hadoop, root));
        if (made.isPresent()) {
          return made.get();
        }
      }
      OutputFolder.free(hadoop, output, RunDirectory.LEASE_FILE);
      RunDirectory first = sources.get(0).run();
      return job.run(
          ConfigLoader.parse(
              new LearntOverrides(overrides).over(first.configText()),
              new Path(first.root(), RunDirectory.CONFIG_FILE).toString(),
              List.of(order(job.tasks()), "run.dir=\"" + root + "\"", "run.data=null")),
          replacement,
          lease);
    }
  }

  private static RunReplacement replacement(Configuration hadoop, String folder)
      throws IOException {
    Path path = new Path(folder);
    FileSystem files = path.getFileSystem(hadoop);
    return new RunReplacement(files, files.makeQualified(path));
  }

  private static Lease acquire(RunReplacement replacement) {
    return Lease.acquire(
        replacement.files(), RunDirectory.leaseOf(replacement.root()), LeaseTimes.standard());
  }

  /**
   * Takes a task out of a run: its block, key, samples, data, answers and scores. What chooses
   * among the other blocks is fitted again, and they are evaluated, before the run is replaced.
   *
   * @param folder directory of the run
   * @param overrides {@code key=value}, above the run's configuration
   * @throws ConfigException if the task is not learnt there, it is the only one, or the method does
   *     not keep tasks apart
   * @throws org.dapt.error.LeaseException if another process writes the run or a part of it
   */
  public static Forgotten forget(String folder, List<String> overrides, String task)
      throws IOException {
    Configuration hadoop = Sessions.hadoop(new SparkConf());
    RunReplacement replacement = replacement(hadoop, folder);
    if (replacement.waiting().isEmpty()) {
      RunDirectory.open(hadoop, replacement.root());
    }
    try (Lease lease = acquire(replacement)) {
      boolean cutOff = replacement.finish().filter(ForgetJob.command(task)::equals).isPresent();
      Application application = Application.of(Application.configOf(folder, overrides));
      RunDirectory run = application.directory();
      if (cutOff && !run.learnt().contains(task)) {
        return forgotten(run, task, RealignJob.stored(run));
      }
      ForgetJob job = new ForgetJob(SourceRun.of(run, application.config()), task, hadoop);
      Realigned realigned;
      try (PartLeases parts = new PartLeases(run)) {
        parts.acquire();
        RunDirectory without = job.write(without(application, task), replacement);
        Application anew =
            Application.of(Application.configOf(without.root().toString(), overrides));
        realigned = anew.bank().settle();
        // Of jobs that were started meanwhile.
        parts.acquire();
      }
      lease.check();
      job.replace(replacement);
      return forgotten(run, task, realigned);
    }
  }

  private static Forgotten forgotten(RunDirectory run, String task, Realigned realigned)
      throws IOException {
    Path data = run.data(task);
    return new Forgotten(
        run.root().toString(),
        task,
        run.learnt(),
        realigned,
        run.sharesData() && run.files().exists(data) ? data.toString() : null);
  }

  /**
   * What {@link #forget} would do; changes nothing.
   *
   * @throws ConfigException as {@link #forget}
   */
  public static ForgetPlan planned(String folder, List<String> overrides, String task)
      throws IOException {
    Application application = Application.ofResults(Application.configOf(folder, overrides));
    SourceRun source = SourceRun.of(application.directory(), application.config());
    ForgetJob job = new ForgetJob(source, task, application.hadoop());
    return new ForgetPlan(job.left(), job.lost());
  }

  /** Fits what chooses among blocks where it sends inputs to wrong ones, and evaluates them. */
  private Realigned settle() throws IOException {
    try (Session session = application.session()) {
      boolean chooses =
          ContinualMethods.named(application.config().method().name()).has(Trait.REFLECTS)
              && run.learnt().size() > 1;
      Realigned realigned = chooses ? realign(session, RealignTargets.PRESENT) : null;
      application.evaluate(session, null);
      return realigned;
    }
  }

  /**
   * The configuration of a run that never had {@code task}: as it was started, whatever this
   * command has set above.
   */
  private static DaptConfig without(Application application, String task) {
    RunDirectory run = application.directory();
    Map<String, Map<String, Object>> learnt = new TreeMap<>(LearntOverrides.of(run).byTask());
    learnt.put(task, Map.of());
    List<String> order = new ArrayList<>(application.config().tasks().order());
    order.remove(task);
    return ConfigLoader.parse(
        new LearntOverrides(learnt).over(run.configText()),
        new Path(run.root(), RunDirectory.CONFIG_FILE).toString(),
        List.of(order(order), "run.dir=\"" + run.root() + "\""));
  }

  private static String order(List<String> tasks) {
    return "tasks.order=" + ConfigValueFactory.fromIterable(tasks).render();
  }
}
