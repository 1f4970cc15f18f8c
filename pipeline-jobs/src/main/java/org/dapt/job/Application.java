package org.dapt.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.dapt.config.ConfigDifferences;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.gang.Gang;
import org.dapt.io.ModelFolder;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.dapt.run.RunDirectory;
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
            stored ->
                ConfigDifferences.between(
                    ConfigLoader.parse(stored, "the run's config.conf", List.of()), config));
    return new Application(config, sparkConf, run);
  }

  /**
   * Opens the run at {@code folder} with the configuration that is stored there.
   *
   * @param overrides {@code key=value}
   */
  public static Application ofRun(String folder, List<String> overrides) {
    Path root = new Path(folder);
    RunDirectory run = RunDirectory.open(Sessions.hadoop(new SparkConf()), root);
    List<String> all = new ArrayList<>(overrides);
    all.add("run.dir=\"" + run.root() + "\"");
    return of(ConfigLoader.parse(run.configText(), new Path(root, "config.conf").toString(), all));
  }

  private static RunDirectory.Identity identity(DaptConfig config, Configuration hadoop) {
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
    List<String> all = tasks.isEmpty() ? order() : tasks;
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
          new TrainJob(context).run(upTo(task));
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
    List<String> learnt = run.learnt();
    int last = step == null ? learnt.size() : step;
    if (last < 1 || last > learnt.size()) {
      throw new ConfigException(
          "Step %d cannot be evaluated: %d tasks are learnt in %s. Learn a task first, or name a step between 1 and %2$d."
              .formatted(last, learnt.size(), run.root()));
    }
    inSession(context -> new EvaluateJob(context).run(learnt.subList(0, last)));
  }

  /** The report as text. */
  public String report() throws IOException {
    String[] text = new String[1];
    inSession(context -> text[0] = new ReportJob(context).run());
    return text[0];
  }

  /** Learns one more task; does nothing where it is learnt and evaluated already. */
  public String learn(String task) throws IOException {
    return learning(
        learn -> {
          List<String> learnt = run.learnt();
          int known = learnt.indexOf(task);
          List<String> earlier = known < 0 ? learnt : learnt.subList(0, known);
          learn.run(earlier, task);
        });
  }

  /** Learns all of {@code tasks.order} one after the other. */
  public String run() throws IOException {
    List<String> order = order();
    checkPrefix(order);
    return learning(
        learn -> {
          List<String> learnt = List.of();
          for (String task : order) {
            learnt = learn.run(learnt, task);
          }
        });
  }

  private String learning(Learning work) throws IOException {
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
            report[0] = new ReportJob(context).run();
          });
    }
    return report[0];
  }

  private List<String> order() {
    if (config.tasks().order().isEmpty()) {
      throw new ConfigException(
          "tasks.order is empty: expected the names of the tasks in the order in which they are learnt. Set the key, or add tasks one by one with dapt learn.");
    }
    return config.tasks().order();
  }

  /** The tasks learnt so far must be the first ones of the order. */
  private void checkPrefix(List<String> order) {
    List<String> learnt = run.learnt();
    if (learnt.size() > order.size() || !order.subList(0, learnt.size()).equals(learnt)) {
      throw new ConfigException(
          "tasks.order is %s, but %s has learnt %s in this order: expected an order that starts with these. Correct tasks.order, or take another run.dir."
              .formatted(order, run.root(), learnt));
    }
  }

  private List<String> upTo(String task) {
    List<String> tasks = new ArrayList<>(run.learnt());
    if (task == null) {
      List<String> order = order();
      checkPrefix(order);
      return order.subList(0, Math.min(order.size(), tasks.size() + 1));
    }
    int known = tasks.indexOf(task);
    if (known >= 0) {
      return tasks.subList(0, known + 1);
    }
    tasks.add(task);
    return tasks;
  }

  private interface Learning {
    void accept(LearnJob learn) throws IOException;
  }

  private interface Work {
    void accept(JobContext context) throws IOException;
  }

  private void inSession(Work work) throws IOException {
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
