package org.dapt.app;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.dapt.app.DryRunItem.State;
import org.dapt.app.Step.Kind;
import org.dapt.config.DaptConfig;
import org.dapt.job.JobContext;
import org.dapt.job.MemoryEstimate;
import org.dapt.predict.PredictSettings;
import org.dapt.predict.PredictState;
import org.dapt.report.SingleTaskRun;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskOrder;
import org.dapt.spark.LocalCores;

/**
 * Says what a command would do: looks for the flow that it would carry out, asks for everything
 * that it would ask for, sees what is done already, starts nothing and writes nothing.
 *
 * <p>All of its methods throw what the command would throw before it computes.
 */
public final class DryRun {
  /** The subject of the item that tells what all steps together cost. */
  public static final String COST_OF_ALL = "in all";

  private static final long MIB = 1L << 20;

  private final DaptConfig config;
  private final Opening opening;

  /** Null where the command would start it. */
  private final RunDirectory run;

  private final TaskOrder order;

  /** Tasks that run at once on this machine; 1 where that is known only when Spark has started. */
  private final int slots;

  /** Optimizer steps of the tasks that would be learnt, of all that was asked for. */
  private long steps;

  private double seconds;

  /**
   * Checks model and run.
   *
   * @throws org.dapt.error.DaptException what the command would throw
   */
  public DryRun(DaptConfig config) {
    this(config, 0);
  }

  /**
   * The same on a part of this machine.
   *
   * @param cores of it; 0 for those that the settings of Spark tell
   */
  public DryRun(DaptConfig config, int cores) {
    opening = Opening.of(config);
    this.config = opening.config();
    slots = cores > 0 ? cores : LocalCores.of(opening.sparkConf());
    run = opening.planned().orElse(null);
    Path root = opening.root();
    order =
        new TaskOrder(
            config.tasks().order(), run == null ? List.of() : run.learnt(), root.toString());
  }

  /** What {@code dapt run} would do. */
  public List<DryRunItem> run() throws IOException {
    return items(Flow.run(config, order));
  }

  /** What {@code dapt learn} would do. */
  public List<DryRunItem> learn(String task) throws IOException {
    return items(Flow.learn(config, order, task));
  }

  /** What {@code dapt prepare} would do. */
  public List<DryRunItem> prepare(List<String> tasks) throws IOException {
    return items(Flow.prepare(order, tasks));
  }

  /** What {@code dapt train} would do. */
  public List<DryRunItem> train(String task) throws IOException {
    Flow flow = Flow.train(order, task);
    Step train = flow.steps().get(0);
    PrepareJob.requirePrepared(config, run, train.task());
    return items(flow, List.of(new Step(Kind.PREPARE, train.tasks()), train));
  }

  /** What {@code dapt evaluate} would do. */
  public List<DryRunItem> evaluate(Integer step) throws IOException {
    return items(Flow.evaluate(order, step));
  }

  /** What {@code dapt evaluate --unseen} would do. */
  public List<DryRunItem> evaluateUnseen(Integer step) throws IOException {
    return items(Flow.unseen(config, order, step));
  }

  /**
   * What {@code dapt predict} would do.
   *
   * @param settings null for a conversation, which has no files
   * @param step after how many tasks; null for all that are learnt
   */
  public List<DryRunItem> predict(PredictSettings settings, Integer step) throws IOException {
    opening.requireStarted();
    List<String> tasks = order.step(step);
    List<DryRunItem> items = header(Needs.ofAnswers(config, opening.sparkConf(), opening.hadoop()));
    if (settings != null) {
      PredictState state = PredictState.find(config, opening.hadoop(), run, settings, tasks);
      items.add(
          checked(
              "input",
              settings.input(),
              "%d %s, %s, %d bytes"
                  .formatted(
                      state.files(),
                      state.files() == 1 ? "file" : "files",
                      state.kind().text(),
                      state.bytes())));
      items.add(prediction(settings.output(), state, tasks.size()));
    }
    return items;
  }

  private static DryRunItem prediction(String output, PredictState state, int step) {
    if (state.parts() < 0) {
      return new DryRunItem(
          "predict",
          output,
          State.TO_DO,
          "with the model after %d %s".formatted(step, step == 1 ? "task" : "tasks"));
    }
    return state.isDone() && state.missingParts() == 0
        ? new DryRunItem("predict", output, State.DONE, state.rows() + " rows")
        : new DryRunItem(
            "predict",
            output,
            State.TO_DO,
            "%d of %d parts are missing".formatted(state.missingParts(), state.parts()));
  }

  private List<DryRunItem> items(Flow flow) throws IOException {
    return items(flow, flow.steps());
  }

  private List<DryRunItem> items(Flow flow, List<Step> steps) throws IOException {
    Needs needs = Needs.of(flow, config, opening.sparkConf(), opening.hadoop());
    List<DryRunItem> items = header(flow, needs);
    RunState state =
        new RunState(
            config,
            opening.hadoop(),
            run,
            order,
            needs.compute() ? needs.model() : null,
            needs.gpu(),
            ranks(needs));
    for (Step step : steps) {
      items.add(state.of(step));
    }
    items.addAll(state.costs());
    this.steps += state.steps();
    seconds += state.seconds();
    return items;
  }

  /** Optimizer steps that would be taken by what was asked for so far, as far as they are known. */
  public long steps() {
    return steps;
  }

  /** What the items of {@link #COST_OF_ALL} tell of the time that these take. */
  public double seconds() {
    return seconds;
  }

  private List<DryRunItem> header(Flow flow, Needs needs) {
    if (flow.isMeasured() && needs.model().isThere()) {
      if (run == null) {
        SingleTaskRun.check(opening.hadoop(), config, opening::identity);
      } else {
        SingleTaskRun.check(opening.hadoop(), config, run, order.learnt());
      }
    }
    List<DryRunItem> items = header(needs);
    Forgetting.warning(config, flow, order.learnt().size())
        .ifPresent(
            warning ->
                items.add(new DryRunItem("forgetting", Forgetting.KEY, State.WARNING, warning)));
    return items;
  }

  private List<DryRunItem> header(Needs needs) {
    List<DryRunItem> items = new ArrayList<>();
    items.add(checked("configuration", "method " + config.method().name(), "valid"));
    items.add(
        checked(
            "run",
            opening.root().toString(),
            run == null
                ? "would be started"
                : "exists, tasks learnt: "
                    + (order.learnt().isEmpty() ? "none" : String.join(", ", order.learnt()))));
    items.add(model(needs.model()));
    if (needs.compute()) {
      needs.checkMemory(opening.sparkConf(), needs.gang() ? ranks(needs) : 0);
      items.add(checked("memory", "outside the heap", memory(needs)));
      if (needs.gpu()) {
        items.add(checked("memory", "of a GPU", ofGpu(needs)));
      }
    }
    return items;
  }

  private int ranks(Needs needs) {
    return JobContext.ranks(config, () -> needs.gpu() ? 1 : slots);
  }

  private DryRunItem model(BaseModel model) {
    String path = config.model().path();
    if (!model.isThere()) {
      return new DryRunItem(
          "model",
          path,
          State.MISSING,
          "The model folder %s does not exist. The shape is that of %s: %s, %,d parameters"
              .formatted(path, config.model().shape(), model.text(), model.shape().parameters()));
    }
    return checked(
        "model",
        path,
        run == null || opening.comparesWeights()
            ? model.text()
            : model.text()
                + "; whether its weights are still those of the run takes a pass over them,"
                + " which is left to the command");
  }

  private static String memory(Needs needs) {
    StringBuilder text = new StringBuilder("up to about ").append(mib(needs.memory().shared()));
    if (needs.gang()) {
      text.append(", and ").append(mib(needs.memory().perRank())).append(" for each rank");
    }
    if (needs.answers()) {
      text.append(", and ")
          .append(mib(needs.memory().perAnswers()))
          .append(" for each task that answers");
    }
    return text.append(": ").append(parts(needs)).toString();
  }

  private static String ofGpu(Needs needs) {
    MemoryEstimate estimate = needs.estimate();
    return "up to about "
        + (needs.gang() ? mib(estimate.learningOnGpu()) + " for a rank" : "")
        + (needs.gang() && needs.answers() ? ", " : "")
        + (needs.answers() ? mib(estimate.answeringOnGpu()) + " for a task that answers" : "");
  }

  private static String parts(Needs needs) {
    MemoryEstimate estimate = needs.estimate();
    List<String> parts = new ArrayList<>();
    parts.add("weights " + mib(estimate.weights()));
    parts.add("blocks " + mib(estimate.blocks()));
    if (needs.gang()) {
      parts.add("optimizer " + mib(estimate.optimizer()));
      parts.add("activations " + mib(estimate.activations()));
      if (estimate.sums() > 0) {
        parts.add("or passes over inputs " + mib(estimate.passes()));
      }
    }
    if (needs.answers()) {
      parts.add("cache of answers " + mib(estimate.cache()));
    }
    return String.join(", ", parts);
  }

  private static String mib(long bytes) {
    return (bytes + MIB - 1) / MIB + " MiB";
  }

  private static DryRunItem checked(String what, String subject, String detail) {
    return new DryRunItem(what, subject, State.CHECKED, detail);
  }
}
