package org.dapt.app;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.dapt.config.ConfigDifferences;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.evaluate.EvaluateJob;
import org.dapt.evaluate.StepEvaluations;
import org.dapt.gang.Gang;
import org.dapt.io.ModelFolder;
import org.dapt.job.JobContext;
import org.dapt.job.SentMetrics;
import org.dapt.job.Sessions;
import org.dapt.job.Version;
import org.dapt.learn.TrainJob;
import org.dapt.models.Models;
import org.dapt.peft.Adapters;
import org.dapt.peft.ImportJob;
import org.dapt.replay.ReplayJob;
import org.dapt.report.ReportFile;
import org.dapt.report.ReportJob;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskOrder;
import org.dapt.sink.MetricSinks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the commands do. Each opens the run directory, takes the lease where it changes the order of
 * tasks, and only then starts Spark: what is wrong with either is said at once.
 */
public final class Application {
  private static final Logger LOG = LoggerFactory.getLogger(Application.class);

  private final DaptConfig config;
  private final SparkConf sparkConf;
  private final RunDirectory run;

  private Application(DaptConfig config, SparkConf sparkConf, RunDirectory run) {
    this.config = config;
    this.sparkConf = sparkConf;
    this.run = run;
  }

  /**
   * Opens the run of {@code config}, a new one where there is none.
   *
   * @throws ConfigException if the run directory belongs to another configuration or cannot be used
   */
  public static Application of(DaptConfig config) {
    SparkConf sparkConf = Sessions.conf(config);
    Configuration hadoop = Sessions.hadoop(sparkConf);
    RunDirectory run =
        RunDirectory.openOrCreate(
            hadoop,
            new Path(config.run().dir()),
            identity(config, hadoop),
            config.effective(),
            differences(config));
    return new Application(config, sparkConf, run);
  }

  /**
   * Opens the run of {@code config}, for what starts none.
   *
   * @throws ConfigException if there is none, or as {@link #of}
   */
  public static Application ofExisting(DaptConfig config) {
    RunDirectory.open(Sessions.hadoop(Sessions.conf(config)), new Path(config.run().dir()));
    return of(config);
  }

  /**
   * Opens the run at {@code folder} with the configuration that is stored there.
   *
   * @param overrides {@code key=value}
   */
  public static Application ofRun(String folder, List<String> overrides) {
    Path root = new Path(folder);
    RunDirectory run = RunDirectory.open(Sessions.hadoop(new SparkConf()), root);
    return of(configOf(run, overrides));
  }

  /**
   * The configuration of the run at {@code folder}, with changes.
   *
   * @param overrides {@code key=value}
   */
  public static DaptConfig configOf(String folder, List<String> overrides) {
    return configOf(
        RunDirectory.open(Sessions.hadoop(new SparkConf()), new Path(folder)), overrides);
  }

  private static DaptConfig configOf(RunDirectory run, List<String> overrides) {
    List<String> all = new ArrayList<>(overrides);
    all.add("run.dir=\"" + run.root() + "\"");
    return ConfigLoader.parse(
        run.configText(), new Path(run.root(), RunDirectory.CONFIG_FILE).toString(), all);
  }

  /** The lines that tell how {@code config} differs from what a run was started with. */
  static Function<String, List<String>> differences(DaptConfig config) {
    return stored ->
        ConfigDifferences.between(
            ConfigLoader.parse(stored, "the run's config.conf", List.of()), config);
  }

  static RunDirectory.Identity identity(DaptConfig config, Configuration hadoop) {
    String model = config.model().path();
    try (ModelFolder folder = ModelFolder.open(Models.folder(model, hadoop))) {
      return new RunDirectory.Identity(
          config.hash(),
          folder.sha256(),
          Models.tokenizer(model, hadoop).sha256(),
          config.method().name(),
          config.run().seed(),
          Version.text());
    }
  }

  /** Prepares {@code tasks}, all of {@code tasks.order} if that is empty. */
  public void prepare(List<String> tasks) throws IOException {
    List<String> all = tasks.isEmpty() ? order().all() : tasks;
    inSession(
        context -> {
          for (String task : all) {
            new PrepareJob(context).run(task);
          }
        });
  }

  /**
   * Learns {@code task}; where it is null, the first of {@code tasks.order} that is not learnt yet.
   */
  public void train(String task) throws IOException {
    Gang.checkSettings(sparkConf);
    inSession(
        context -> {
          context.checkMemory();
          new TrainJob(context).run(order().upTo(task));
        });
  }

  /**
   * Makes the pseudo samples of {@code task}.
   *
   * @param task a learnt task; null for the last one
   */
  public void replay(String task) throws IOException {
    List<String> learnt = run.learnt();
    int last = task == null ? learnt.size() - 1 : learnt.indexOf(task);
    if (last < 0) {
      throw new ConfigException(
          "%s: the tasks learnt in %s are %s. Learn it first."
              .formatted(
                  task == null ? "There is no task to replay" : "Task " + task + " is not learnt",
                  run.root(),
                  learnt));
    }
    Gang.checkSettings(sparkConf);
    inSession(
        context -> {
          context.checkMemory();
          new ReplayJob(context).run(learnt.subList(0, last + 1));
        });
  }

  /**
   * Evaluates every task learnt so far.
   *
   * @param step after how many tasks; null for all that are learnt
   */
  public void evaluate(Integer step) throws IOException {
    List<String> tasks = learnt(step);
    inSession(context -> new EvaluateJob(context).run(tasks));
  }

  /**
   * The tasks that the model after {@code step} tasks has learnt, the oldest first.
   *
   * @param step null for all that are learnt
   * @throws ConfigException if no task, or not so many, are learnt
   */
  public List<String> learnt(Integer step) {
    return order().step(step);
  }

  /** The effective configuration. */
  public DaptConfig config() {
    return config;
  }

  /** The run directory. */
  public RunDirectory directory() {
    return run;
  }

  /** The settings of the file systems, also without a session. */
  public Configuration hadoop() {
    return Sessions.hadoop(sparkConf);
  }

  /** Hands blocks of the run out as adapters. */
  public Adapters adapters() {
    return new Adapters(config, run, Sessions.hadoop(sparkConf));
  }

  /**
   * Takes an adapter of PEFT as the block of a task that comes after those learnt so far. The task
   * is prepared first: it is evaluated and replayed like any other.
   *
   * @param adapter the adapter's folder
   * @throws ConfigException if the task is learnt already
   * @throws org.dapt.error.InputException if the adapter does not fit the run
   */
  public void importAdapter(String adapter, String task) throws IOException {
    try (Lease lease = Lease.acquire(run.files(), run.lease(), LeaseTimes.standard())) {
      List<String> tasks = new ArrayList<>(run.learnt());
      if (tasks.contains(task)) {
        throw new ConfigException(
            "Task %s is learnt in %s already; learnt are %s. Name another task, or take another run."
                .formatted(task, run.root(), String.join(", ", tasks)));
      }
      tasks.add(task);
      inSession(
          context -> {
            new PrepareJob(context).run(task);
            lease.check();
            ImportJob imported = new ImportJob(context, adapter);
            new TrainJob(context).keep(tasks, imported.read(tasks), imported.origin());
          });
    }
  }

  /**
   * The report as text or as one JSON document; {@code file}, too, gets it as a page. Where nothing
   * is evaluated yet, the text says so and the page shows what there is.
   *
   * @param file a path of this machine, or a URI of any Hadoop file system; null for no page
   * @throws ConfigException if {@code file} cannot be written
   */
  public String report(boolean json, String file) throws IOException {
    ReportFile target = file == null ? null : ReportFile.of(Sessions.hadoop(sparkConf), file);
    String[] text = new String[1];
    inSession(context -> text[0] = new ReportJob(context).run(json, target));
    return text[0];
  }

  /**
   * Learns one more task; does nothing where it is learnt and evaluated already.
   *
   * @param json whether the report comes as JSON
   */
  public String learn(String task, boolean json) throws IOException {
    return learning(
        json,
        learn -> {
          learn.run(order().before(task), task);
        });
  }

  /**
   * Learns all of {@code tasks.order} one after the other.
   *
   * @param json whether the report comes as JSON
   */
  public String run(boolean json) throws IOException {
    List<String> order = order().continued();
    return learning(
        json,
        learn -> {
          List<String> learnt = List.of();
          for (String task : order) {
            learnt = learn.run(learnt, task);
          }
        });
  }

  private String learning(boolean json, Learning work) throws IOException {
    Gang.checkSettings(sparkConf);
    String[] report = new String[1];
    try (Lease lease = Lease.acquire(run.files(), run.lease(), LeaseTimes.standard())) {
      inSession(
          context -> {
            context.checkMemory();
            try (StepEvaluations evaluations = StepEvaluations.of(context)) {
              work.accept(new LearnJob(context, evaluations));
              evaluations.await();
            }
            lease.check();
            report[0] = new ReportJob(context).run(json, null);
          });
    }
    return report[0];
  }

  private TaskOrder order() {
    return new TaskOrder(config.tasks().order(), run.learnt(), run.root().toString());
  }

  private interface Learning {
    void accept(LearnJob learn) throws IOException;
  }

  /** What is done in a Spark session. */
  public interface Work {
    /** Does it. */
    void accept(JobContext context) throws IOException;
  }

  /** Does {@code work} in a Spark session of this application, which ends with it. */
  public void inSession(Work work) throws IOException {
    LOG.debug("Configuration {}", config.hash());
    try (SparkSession spark = Sessions.start(sparkConf)) {
      MetricSinks metrics = SentMetrics.sinks(config, run, Sessions.hadoop(sparkConf));
      boolean succeeded = false;
      try {
        work.accept(new JobContext(spark, config, run, metrics));
        succeeded = true;
      } finally {
        metrics.finish(succeeded);
      }
    }
  }
}
