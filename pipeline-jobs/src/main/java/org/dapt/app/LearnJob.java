package org.dapt.app;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dapt.config.ReflectionSource;
import org.dapt.evaluate.StepEvaluations;
import org.dapt.job.JobContext;
import org.dapt.learn.TrainJob;
import org.dapt.replay.ReplayJob;

/**
 * Adds one task to a run: prepares it, learns it, makes its pseudo samples, has every task learnt
 * so far evaluated.
 */
final class LearnJob {
  private final PrepareJob prepare;
  private final TrainJob train;
  private final ReplayJob replay;
  private final StepEvaluations evaluations;
  private final boolean generated;

  LearnJob(JobContext context, StepEvaluations evaluations) {
    prepare = new PrepareJob(context);
    train = new TrainJob(context);
    replay = new ReplayJob(context);
    this.evaluations = evaluations;
    generated = context.config().reflection().source() == ReflectionSource.GENERATED;
  }

  /**
   * Learns {@code task} after {@code earlier}; what is done already is skipped. The evaluation may
   * still go on when this returns.
   *
   * @return the tasks learnt now, {@code task} the last of them
   */
  List<String> run(List<String> earlier, String task) throws IOException {
    List<String> tasks = new ArrayList<>(earlier);
    tasks.add(task);
    prepare.run(task);
    train.run(tasks);
    evaluations.evaluate(tasks);
    if (generated) {
      replay.run(tasks);
    }
    return tasks;
  }
}
