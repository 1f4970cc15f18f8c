package org.dapt.app;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.dapt.app.Step.Kind;
import org.dapt.config.DaptConfig;
import org.dapt.evaluate.EvaluateJob;
import org.dapt.evaluate.UnseenJob;
import org.dapt.gang.MemoryNeed;
import org.dapt.models.Models;
import org.dapt.replay.ReplayJob;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskOrder;

/**
 * How far a run is: what its markers say, without a look at its data.
 *
 * @param isStarted whether there is a run directory
 * @param learnt how many tasks are learnt
 * @param tasks how many there are in all
 * @param isDone whether {@code dapt run} would find nothing to do, as far as markers tell
 */
public record RunStanding(boolean isStarted, int learnt, int tasks, boolean isDone) {
  /**
   * That of the run of {@code stated}; nothing is written.
   *
   * @throws org.dapt.error.DaptException if it belongs to another configuration, or {@code dapt
   *     run} would refuse it for its model, directory or order
   */
  public static RunStanding of(DaptConfig stated) throws IOException {
    Opening opening = Opening.of(stated);
    return of(opening, opening.find());
  }

  /**
   * The same for what reads the results of the run: where its model is there no more, that is not
   * looked at.
   */
  public static RunStanding ofResults(DaptConfig stated) throws IOException {
    Opening opening = Opening.of(stated);
    boolean isThere = Models.exists(opening.config().model().path(), opening.hadoop());
    return of(
        opening, !isThere && opening.exists() ? Optional.of(opening.results()) : opening.find());
  }

  private static RunStanding of(Opening opening, Optional<RunDirectory> found) throws IOException {
    DaptConfig config = opening.config();
    RunDirectory run = found.orElse(null);
    List<String> learnt = run == null ? List.of() : run.learnt();
    Flow flow =
        Flow.run(config, new TaskOrder(config.tasks().order(), learnt, opening.root().toString()));
    int tasks = config.tasks().order().size();
    return new RunStanding(
        run != null,
        learnt.size(),
        tasks,
        learnt.size() == tasks && isDone(config, opening.hadoop(), run, flow));
  }

  /** What a process of the whole run of {@code config} takes of its machine's memory. */
  public static MemoryNeed memory(DaptConfig config) {
    Opening opening = Opening.of(config);
    TaskOrder order = new TaskOrder(config.tasks().order(), List.of(), config.run().dir());
    return Needs.of(Flow.run(config, order), config, opening.sparkConf(), opening.hadoop())
        .memory();
  }

  /** Of a run whose tasks are all learnt. */
  private static boolean isDone(
      DaptConfig config, Configuration hadoop, RunDirectory run, Flow flow) throws IOException {
    for (Step step : flow.steps()) {
      if (step.kind() == Kind.EVALUATE && !EvaluateJob.isDone(config, run, step.tasks())) {
        return false;
      }
      if (step.kind() == Kind.UNSEEN && !UnseenJob.isAnswered(config, hadoop, run, step.tasks())) {
        return false;
      }
      if (step.kind() == Kind.REPLAY && ReplayJob.outcome(config, run, step.tasks()).isEmpty()) {
        return false;
      }
    }
    return true;
  }
}
