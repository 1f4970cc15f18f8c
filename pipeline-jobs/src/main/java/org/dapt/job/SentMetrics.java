package org.dapt.job;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.checkpoint.StepRecord;
import org.dapt.config.DaptConfig;
import org.dapt.config.MetricsSettings;
import org.dapt.report.RunResults;
import org.dapt.run.RunDirectory;
import org.dapt.score.ScoreTable;
import org.dapt.sink.MetricSinks;
import org.dapt.sink.SinkRun;
import org.dapt.sink.StreamSeries;
import org.dapt.sink.TaskSeries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What jobs send to the sinks. Also what was done by an earlier command is offered: the sinks pass
 * over what they hold, so what one missed reaches it by the next command.
 */
final class SentMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(SentMetrics.class);

  private final JobContext context;

  SentMetrics(JobContext context) {
    this.context = context;
  }

  /** The sinks that {@code config} switches on. */
  static MetricSinks sinks(DaptConfig config, RunDirectory run, Configuration hadoop) {
    MetricsSettings metrics = config.metrics();
    return MetricSinks.of(
        metrics.jsonLines(),
        metrics.tensorboard(),
        metrics.mlflow(),
        metrics.mlflowExperiment(),
        metrics.sinks(),
        new SinkRun(
            hadoop, run.root(), run.runId(), config.settings(), config.spark(), Version.text()));
  }

  /** Sends the steps of a task. */
  void steps(int number, String task, List<StepRecord> steps) {
    context.metrics().offer(new TaskSeries(number, task).points(steps));
  }

  /** Sends the steps of a task that was learnt before. */
  void stored(int number, String task, Path folder) {
    send(() -> steps(number, task, TrainJob.readSteps(context.spark(), folder)));
  }

  /** Sends scores and metrics after learning the last of {@code tasks}, which is evaluated. */
  void scores(List<String> tasks) {
    send(
        () -> {
          String metric = context.config().tasks().metric();
          context
              .metrics()
              .offer(
                  StreamSeries.after(
                      ScoreTable.read(context.spark(), context.run().scores()),
                      tasks,
                      metric,
                      RunResults.singleTask(context.spark(), context.config(), metric)));
        });
  }

  private void send(Runnable work) {
    if (context.metrics().isEmpty()) {
      return;
    }
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.warn("Metrics cannot be sent: {}", e.getMessage());
      LOG.debug("Where it happened", e);
    }
  }
}
