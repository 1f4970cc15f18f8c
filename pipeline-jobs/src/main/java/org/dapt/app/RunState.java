package org.dapt.app;

import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.ReflectionSource;
import org.dapt.cost.RunCost;
import org.dapt.cost.TaskSize;
import org.dapt.data.shard.TaskManifest;
import org.dapt.error.InputException;
import org.dapt.evaluate.EvaluateJob;
import org.dapt.evaluate.UnseenJob;
import org.dapt.evaluate.UnseenTasks;
import org.dapt.job.JobContext;
import org.dapt.job.Outcome;
import org.dapt.learn.KeptExamples;
import org.dapt.learn.TrainInputs;
import org.dapt.models.Models;
import org.dapt.replay.ReplayFiles;
import org.dapt.replay.ReplayJob;
import org.dapt.report.SingleTaskRun;
import org.dapt.run.PreparedSummary;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskOrder;

/**
 * How far the steps of a flow are, asked by the same questions as their jobs ask, without a session
 * and without writing anything.
 */
final class RunState {
  private final DaptConfig config;
  private final Configuration hadoop;

  /** Null where it is not started. */
  private final RunDirectory run;

  private final TaskOrder order;
  private final TaskSizes sizes;
  private final PlannedCost cost;

  /** Training examples of each task that was looked at. */
  private final Map<String, Long> examples = new LinkedHashMap<>();

  /** Those of them that need not be prepared again. */
  private final Set<String> prepared = new HashSet<>();

  /** Steps of the tasks that are yet to be learnt. */
  private long allSteps;

  /**
   * @param model null where no step computes with it
   * @param ranks that learn
   */
  RunState(
      DaptConfig config,
      Configuration hadoop,
      RunDirectory run,
      TaskOrder order,
      BaseModel model,
      boolean gpu,
      int ranks) {
    this.config = config;
    this.hadoop = hadoop;
    this.run = run;
    this.order = order;
    boolean isThere = model == null || model.isThere();
    sizes =
        new TaskSizes(
            config, hadoop, isThere ? Models.tokenizer(config.model().path(), hadoop) : null);
    cost = model == null ? null : new PlannedCost(config, model.shape(), sizes, gpu, ranks);
  }

  /** What the steps that are to do cost; empty where nothing computes. */
  List<DryRunItem> costs() {
    return cost == null ? List.of() : cost.items();
  }

  /** The seconds that these take; 0 where nothing computes. */
  double seconds() {
    return cost == null ? 0 : cost.seconds();
  }

  /**
   * Looks at {@code step}; those before it in its flow come first.
   *
   * @throws org.dapt.error.DaptException what its job would throw before it computes
   */
  DryRunItem of(Step step) throws IOException {
    return switch (step.kind()) {
      case PREPARE -> prepared(step);
      case TRAIN -> learnt(step);
      case EVALUATE -> evaluated(step);
      case REPLAY -> replayed(step);
      case UNSEEN -> unseen(step);
    };
  }

  /** Optimizer steps of all tasks that were looked at and are yet to be learnt. */
  long steps() {
    return allSteps;
  }

  private DryRunItem prepared(Step step) throws IOException {
    String task = step.task();
    if (run != null && PrepareJob.isDone(config, hadoop, run, task)) {
      prepared.add(task);
      if (run.files().exists(new Path(run.data(task), TaskManifest.FILE))) {
        sizes.prepared(task, run.data(task));
      }
      return done(step, examples(task) + " training examples");
    }
    try {
      sizes.unprepared(task);
    } catch (InputException e) {
      // Others may be missing, too: all of them are named before this ends.
      return item(step, DryRunItem.State.MISSING, e.getMessage());
    }
    TaskSize size = sizes.of(task).orElseThrow();
    examples.put(task, size.train());
    return toDo(
        step,
        "files are sound: %d train, %d dev, %d test examples"
            .formatted(size.train(), size.dev(), size.test()));
  }

  /** Training examples of a prepared task. */
  private long examples(String task) {
    return examples.computeIfAbsent(
        task, t -> PreparedSummary.of(run.marker(run.data(t))).trainExamples());
  }

  private DryRunItem learnt(Step step) throws IOException {
    if (isLearnt(step)) {
      // Asks whether it was learnt from what is there now.
      TrainInputs.of(config, run, hadoop, step.tasks());
      return done(step, "");
    }
    if (config.reflection().source() == ReflectionSource.GIVEN) {
      for (String earlier : step.tasks().subList(0, step.number() - 1)) {
        try {
          ReplayFiles.given(hadoop, config, earlier);
        } catch (InputException e) {
          return item(step, DryRunItem.State.MISSING, e.getMessage());
        }
      }
    }
    if (prepared.contains(step.task())) {
      SingleTaskRun.check(hadoop, config, run, List.of(step.task()));
    }
    if (step.tasks().stream().anyMatch(this::isUnknown)) {
      if (cost != null && isUnknown(step.task())) {
        cost.leaveOut();
      }
      return toDo(step, "in as many steps as its examples make");
    }
    long steps = KeptExamples.steps(config, step.tasks(), this::examples);
    allSteps += steps;
    String detail =
        "%d %s of %d examples"
            .formatted(steps, steps == 1 ? "step" : "steps", config.train().globalBatch());
    double tokens = cost == null ? 0 : cost.learn(step, steps);
    return toDo(
        step, tokens == 0 ? detail : detail + ", about " + RunCost.number(tokens) + " tokens");
  }

  /** Whether neither its files nor its shards are there. */
  private boolean isUnknown(String task) {
    return !examples.containsKey(task)
        && sizes.of(task).isEmpty()
        && (run == null || !run.marker(run.data(task)).isDone());
  }

  private DryRunItem evaluated(Step step) {
    if (isLearnt(step) && EvaluateJob.isDone(config, run, step.tasks())) {
      return done(step, "");
    }
    if (cost != null) {
      cost.evaluate(step);
    }
    return toDo(step, "");
  }

  private DryRunItem unseen(Step step) throws IOException {
    try {
      UnseenTasks unseen = UnseenTasks.of(hadoop, config, step.tasks());
      String tasks =
          "%d tasks of %s%s"
              .formatted(
                  unseen.tasks().size(),
                  unseen.folder(),
                  unseen.learnt().isEmpty()
                      ? ""
                      : ", without %d that are learnt".formatted(unseen.learnt().size()));
      if (isLearnt(step) && UnseenJob.isDone(config, hadoop, run, step.tasks())) {
        return done(step, tasks);
      }
      long examples = 0;
      for (String task : unseen.tasks()) {
        TaskSize size = sizes.unseen(unseen.folder(), task);
        examples += size.test();
        if (cost != null) {
          cost.answer(step, size);
        }
      }
      return toDo(step, "%s, %d test examples".formatted(tasks, examples));
    } catch (InputException e) {
      return item(step, DryRunItem.State.MISSING, e.getMessage());
    }
  }

  private DryRunItem replayed(Step step) throws IOException {
    if (!isLearnt(step)) {
      if (cost != null) {
        cost.replay(step);
      }
      return toDo(
          step,
          JobContext.recollection(config) == null
              ? "where the method chooses by attention"
              : "made up by the method, of all tasks so far");
    }
    return ReplayJob.outcome(config, run, step.tasks())
        .map(
            outcome ->
                done(
                    step,
                    outcome == Outcome.NOT_NEEDED
                        ? "method " + config.method().name() + " does not reflect"
                        : ""))
        .orElseGet(() -> toDo(step, ""));
  }

  /** Whether the last task of {@code step} is learnt at its place. */
  private boolean isLearnt(Step step) {
    List<String> learnt = order.learnt();
    return learnt.size() >= step.number() && learnt.get(step.number() - 1).equals(step.task());
  }

  private static DryRunItem done(Step step, String detail) {
    return item(step, DryRunItem.State.DONE, detail);
  }

  private static DryRunItem toDo(Step step, String detail) {
    return item(step, DryRunItem.State.TO_DO, detail);
  }

  private static DryRunItem item(Step step, DryRunItem.State state, String detail) {
    return new DryRunItem(step.kind().command(), step.subject(), state, detail);
  }
}
