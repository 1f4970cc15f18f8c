package org.dapt.app;

import java.io.IOException;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.evaluate.UnseenTasks;
import org.dapt.job.JobContext;
import org.dapt.job.SentMetrics;
import org.dapt.job.Session;
import org.dapt.peft.Adapters;
import org.dapt.predict.PredictJob;
import org.dapt.predict.PredictSettings;
import org.dapt.predict.PredictSummary;
import org.dapt.report.RunResults;
import org.dapt.report.SingleTaskRun;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskOrder;
import org.dapt.score.UnseenScores;
import org.dapt.sink.MetricSinks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What commands do with one run. Each asks for what can be known, takes the lease where it changes
 * the order of tasks, and only then starts the session that it is handed: what is wrong with either
 * is said at once. All return values; nothing is printed here. Several applications may work in one
 * session, one after the other.
 */
public final class Application {
  private static final Logger LOG = LoggerFactory.getLogger(Application.class);

  private final DaptConfig config;
  private final SparkConf sparkConf;
  private final Configuration hadoop;
  private final RunDirectory run;

  private Application(Opening opening, RunDirectory run) {
    config = opening.config();
    sparkConf = opening.sparkConf();
    hadoop = opening.hadoop();
    this.run = run;
  }

  /**
   * Opens the run of {@code config}, a new one where there is none.
   *
   * @throws ConfigException if the run directory belongs to another configuration or cannot be used
   * @throws org.dapt.error.InputException if the model cannot be loaded
   */
  public static Application of(DaptConfig config) {
    Opening opening = Opening.of(config);
    return new Application(opening, opening.openOrCreate());
  }

  /**
   * Opens the run of {@code config}, a new one where there is none, to {@link #prepare}: the
   * weights of an existing run's model are not read.
   *
   * @throws ConfigException as {@link #of}
   * @throws org.dapt.error.InputException as {@link #of}
   */
  public static Application toPrepare(DaptConfig config) {
    Opening opening = Opening.of(config);
    return new Application(opening, opening.openOrPrepare());
  }

  /**
   * Opens the run of {@code config} for what is learnt and scored already: {@link #results}, and
   * {@link Adapters#export}. The model is not looked at.
   *
   * @throws ConfigException if there is none, or it belongs to another configuration
   */
  public static Application ofResults(DaptConfig config) {
    Opening opening = Opening.of(config);
    return new Application(opening, opening.results());
  }

  /**
   * Opens the run of {@code config}, for what starts none.
   *
   * @throws ConfigException if there is none, or as {@link #of}
   */
  public static Application ofExisting(DaptConfig config) {
    Opening opening = Opening.of(config);
    opening.requireStarted();
    return new Application(opening, opening.openOrCreate());
  }

  /**
   * The configuration of the run at {@code folder}, with changes.
   *
   * @param overrides {@code key=value}
   */
  public static DaptConfig configOf(String folder, List<String> overrides) {
    return Opening.stored(folder, overrides);
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
    return hadoop;
  }

  /** A session for this application, which others may work in too; the caller closes it. */
  public Session session() {
    return new Session(sparkConf);
  }

  /** Changes which blocks the run has, and what chooses among them. */
  public Bank bank() {
    return new Bank(this);
  }

  /** Hands blocks of the run out as adapters. */
  public Adapters adapters() {
    return new Adapters(config, run, hadoop);
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

  /** Learns all of {@code tasks.order} one after the other. */
  public Learnt run(Session session) throws IOException {
    return leased(session, () -> Flow.run(config, order()), this::learnt);
  }

  /** Learns one more task; does nothing where it is learnt and evaluated already. */
  public Learnt learn(Session session, String task) throws IOException {
    return leased(session, () -> Flow.learn(config, order(), task), this::learnt);
  }

  /** Prepares {@code tasks}, all of {@code tasks.order} if that is empty. */
  public List<StepResult> prepare(Session session, List<String> tasks) throws IOException {
    return carryOut(session, Flow.prepare(order(), tasks));
  }

  /**
   * Learns {@code task}; where it is null, the first of {@code tasks.order} that is not learnt yet.
   *
   * @throws org.dapt.error.InputException if it is not prepared
   * @throws org.dapt.error.LeaseException if another process learns a task of the run
   */
  public StepResult train(Session session, String task) throws IOException {
    return leased(
        session,
        () -> {
          Flow flow = Flow.train(order(), task);
          PrepareJob.requirePrepared(config, run, flow.steps().get(0).task());
          return flow;
        },
        (context, steps) -> steps.get(0));
  }

  /**
   * Makes the pseudo samples of {@code task}.
   *
   * @param task a learnt task; null for the last one
   */
  public StepResult replay(Session session, String task) throws IOException {
    return carryOut(session, Flow.replay(order(), task)).get(0);
  }

  /**
   * Evaluates every task learnt so far.
   *
   * @param step after how many tasks; null for all that are learnt
   */
  public StepResult evaluate(Session session, Integer step) throws IOException {
    return carryOut(session, Flow.evaluate(order(), step)).get(0);
  }

  /** Evaluates the tasks of {@code evaluate.unseen} as {@link #evaluate}; how they fared. */
  public UnseenScores evaluateUnseen(Session session, Integer step) throws IOException {
    List<StepResult> done = carryOut(session, Flow.unseen(config, order(), step));
    List<String> tasks = done.get(0).step().tasks();
    String set = UnseenTasks.of(hadoop, config, tasks).set();
    return UnseenScores.of(session.spark(), run, set, tasks.size()).orElseThrow();
  }

  /**
   * Answers the inputs of some files.
   *
   * @throws ConfigException if the output folder has something else
   */
  public PredictSummary predict(Session session, PredictSettings settings) throws IOException {
    List<String> tasks = learnt(settings.step());
    Needs needs = needsOfAnswers();
    return in(
        session,
        context -> {
          needs.checkMemory(context.sparkContext().getConf(), 0);
          return new PredictJob(context, settings, tasks).run();
        });
  }

  /** What the run has come to so far. */
  public RunResults results(Session session) throws IOException {
    return in(session, context -> RunResults.read(context.spark(), config, run));
  }

  private Learnt learnt(JobContext context, List<StepResult> steps) {
    return new Learnt(steps, RunResults.read(context.spark(), config, run));
  }

  /** Carries out what changes the order of tasks, as the only one that does. */
  private <R> R leased(
      Session session, Supplier<Flow> flows, BiFunction<JobContext, List<StepResult>, R> then)
      throws IOException {
    Flow asked = flows.get();
    Needs needs = needs(asked);
    try (Lease lease = Lease.acquire(run.files(), run.lease(), LeaseTimes.standard())) {
      // Whoever had the lease until now may have learnt a task.
      Flow flow = flows.get();
      Needs needed = flow.equals(asked) ? needs : needs(flow);
      return in(
          session,
          context -> {
            List<StepResult> steps = carryOut(context, flow, needed);
            lease.check();
            return then.apply(context, steps);
          });
    }
  }

  private List<StepResult> carryOut(Session session, Flow flow) throws IOException {
    Needs needs = needs(flow);
    return in(session, context -> carryOut(context, flow, needs));
  }

  private Needs needs(Flow flow) throws IOException {
    flow.checkUnseen(config, hadoop);
    Forgetting.warning(config, flow, run.learnt().size())
        .ifPresent(warning -> LOG.warn("{}: {}", Forgetting.KEY, warning));
    if (flow.isMeasured()) {
      SingleTaskRun.check(hadoop, config, run, run.learnt());
    }
    return Needs.of(flow, config, sparkConf, hadoop);
  }

  private static List<StepResult> carryOut(JobContext context, Flow flow, Needs needs)
      throws IOException {
    if (needs.compute()) {
      needs.checkMemory(
          context.sparkContext().getConf(), needs.gang() ? context.gang().ranks() : 0);
    }
    return new LearnJob(context).run(flow);
  }

  /** What it takes to load the model and use it. */
  Needs needsOfAnswers() {
    return Needs.ofAnswers(config, sparkConf, hadoop);
  }

  private TaskOrder order() {
    return new TaskOrder(config.tasks().order(), run.learnt(), run.root().toString());
  }

  /** What is done in a session. */
  interface Work<R> {
    R in(JobContext context) throws IOException;
  }

  <R> R in(Session session, Work<R> work) throws IOException {
    LOG.debug("Configuration {}", config.hash());
    SparkSession spark = session.spark();
    MetricSinks metrics = SentMetrics.sinks(config, run, hadoop);
    boolean succeeded = false;
    try {
      R result = work.in(new JobContext(spark, config, run, metrics));
      succeeded = true;
      return result;
    } finally {
      metrics.finish(succeeded);
    }
  }
}
