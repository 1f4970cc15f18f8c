package org.dapt.app;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dapt.app.Step.Kind;
import org.dapt.evaluate.StepEvaluations;
import org.dapt.evaluate.UnseenJob;
import org.dapt.job.JobContext;
import org.dapt.job.Outcome;
import org.dapt.learn.TrainJob;
import org.dapt.peft.ImportJob;
import org.dapt.replay.ReplayJob;
import org.dapt.report.SingleTaskRun;
import org.dapt.run.Lease;

/** Carries a flow out. What is done already is skipped. */
final class LearnJob {
  private final JobContext context;

  LearnJob(JobContext context) {
    this.context = context;
  }

  /**
   * Takes all steps; evaluations go on beside the steps behind them and are waited for in the end,
   * also where a step fails.
   */
  List<StepResult> run(Flow flow) throws IOException {
    if (!flow.has(Kind.EVALUATE)) {
      return take(flow, null);
    }
    try (StepEvaluations evaluations =
        flow.hasGang() ? StepEvaluations.of(context) : StepEvaluations.alone(context)) {
      List<StepResult> results = take(flow, evaluations);
      evaluations.await();
      results.replaceAll(
          result ->
              result.outcome() == null
                  ? new StepResult(result.step(), evaluations.outcome(result.step().number()))
                  : result);
      return results;
    }
  }

  /** Prepares the last of {@code tasks} and keeps {@code adapter} as its block. */
  void take(List<String> tasks, String adapter, Lease lease) throws IOException {
    new PrepareJob(context).run(tasks.get(tasks.size() - 1));
    lease.check();
    ImportJob imported = new ImportJob(context, adapter);
    new TrainJob(context).keep(tasks, imported.read(tasks), imported.origin());
  }

  /**
   * The outcome of an evaluation is null: it may still go on.
   *
   * @param evaluations null where there are none
   */
  private List<StepResult> take(Flow flow, StepEvaluations evaluations) throws IOException {
    List<StepResult> results = new ArrayList<>();
    for (Step step : flow.steps()) {
      results.add(new StepResult(step, take(step, evaluations)));
    }
    return results;
  }

  private Outcome take(Step step, StepEvaluations evaluations) throws IOException {
    return switch (step.kind()) {
      case PREPARE -> new PrepareJob(context).run(step.task());
      case TRAIN -> {
        // The data of a task are known only since it is prepared.
        SingleTaskRun.check(
            context.hadoop(), context.config(), context.run(), List.of(step.task()));
        yield new TrainJob(context).run(step.tasks());
      }
      case REPLAY -> new ReplayJob(context).run(step.tasks());
      case EVALUATE -> {
        evaluations.evaluate(step.tasks());
        yield null;
      }
      case UNSEEN -> {
        if (evaluations != null) {
          // Both would answer with the same slots.
          evaluations.await();
        }
        yield new UnseenJob(context).run(step.tasks());
      }
    };
  }
}
