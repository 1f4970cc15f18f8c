package org.dapt.app;

import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.dapt.config.DaptConfig;
import org.dapt.config.ReflectionSource;
import org.dapt.data.prepare.PrepareTask;
import org.dapt.data.reader.Split;
import org.dapt.evaluate.EvaluateJob;
import org.dapt.job.Outcome;
import org.dapt.learn.KeptExamples;
import org.dapt.learn.TrainInputs;
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

  /** Training examples of each task that was looked at. */
  private final Map<String, Long> examples = new LinkedHashMap<>();

  /** Those of them that need not be prepared again. */
  private final Set<String> prepared = new HashSet<>();

  RunState(DaptConfig config, Configuration hadoop, RunDirectory run, TaskOrder order) {
    this.config = config;
    this.hadoop = hadoop;
    this.run = run;
    this.order = order;
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
    };
  }

  private DryRunItem prepared(Step step) throws IOException {
    String task = step.task();
    if (run != null && PrepareJob.isDone(config, hadoop, run, task)) {
      prepared.add(task);
      return done(step, examples(task) + " training examples");
    }
    Map<Split, Long> rows = PrepareTask.check(hadoop, PrepareJob.settings(config, task), task);
    examples.put(task, rows.get(Split.TRAIN));
    return toDo(
        step,
        "files are sound: %d train, %d dev, %d test examples"
            .formatted(rows.get(Split.TRAIN), rows.get(Split.DEV), rows.get(Split.TEST)));
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
        ReplayFiles.given(hadoop, config, earlier);
      }
    }
    if (prepared.contains(step.task())) {
      SingleTaskRun.check(hadoop, config, run, List.of(step.task()));
    }
    long steps = KeptExamples.steps(config, step.tasks(), this::examples);
    return toDo(
        step,
        "%d %s of %d examples"
            .formatted(steps, steps == 1 ? "step" : "steps", config.train().globalBatch()));
  }

  private DryRunItem evaluated(Step step) {
    return isLearnt(step) && EvaluateJob.isDone(config, run, step.tasks())
        ? done(step, "")
        : toDo(step, "");
  }

  private DryRunItem replayed(Step step) throws IOException {
    if (!isLearnt(step)) {
      return toDo(step, "where the method chooses by attention");
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
