package org.dapt.job;

import java.util.List;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.dapt.config.DaptConfig;
import org.dapt.config.MetricsSettings;
import org.dapt.run.RunDirectory;
import org.dapt.sink.MetricPoint;
import org.dapt.sink.MetricSinks;
import org.dapt.sink.SinkRun;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What jobs send to the sinks. Also what was done by an earlier command is offered: the sinks pass
 * over what they hold, so what one missed reaches it by the next command.
 */
public final class SentMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(SentMetrics.class);

  private final JobContext context;

  public SentMetrics(JobContext context) {
    this.context = context;
  }

  /** The sinks that {@code config} switches on. */
  public static MetricSinks sinks(DaptConfig config, RunDirectory run, Configuration hadoop) {
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

  /**
   * Sends {@code points}, which are made only where there is a sink. A failure is logged: metrics
   * never end a job.
   */
  public void offer(Supplier<List<MetricPoint>> points) {
    if (context.metrics().isEmpty()) {
      return;
    }
    try {
      context.metrics().offer(points.get());
    } catch (RuntimeException e) {
      LOG.warn("Metrics cannot be sent: {}", e.getMessage());
      LOG.debug("Where it happened", e);
    }
  }
}
