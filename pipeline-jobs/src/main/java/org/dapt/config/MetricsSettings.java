package org.dapt.config;

import java.util.List;
import org.dapt.config.read.SettingReader;
import org.dapt.sink.MetricSinks;

/**
 * Where metrics go besides the run directory.
 *
 * @param jsonLines file that gets one JSON object a value, null for none
 * @param tensorboard folder of TensorBoard event files, null for none
 * @param mlflow address of an MLflow server, null for none
 * @param mlflowExperiment name of the experiment there
 * @param sinks names of {@link org.dapt.sink.MetricSink}s from outside
 */
public record MetricsSettings(
    String jsonLines,
    String tensorboard,
    String mlflow,
    String mlflowExperiment,
    List<String> sinks) {
  /** Keeps a copy of {@code sinks}. */
  public MetricsSettings {
    sinks = List.copyOf(sinks);
  }

  static MetricsSettings read(SettingReader in) {
    return new MetricsSettings(
        in.optionalPath("metrics.json-lines"),
        in.optionalPath("metrics.tensorboard"),
        in.optionalAddress("metrics.mlflow"),
        in.text("metrics.mlflow-experiment"),
        in.choices("metrics.sinks", MetricSinks.addedNames()));
  }
}
