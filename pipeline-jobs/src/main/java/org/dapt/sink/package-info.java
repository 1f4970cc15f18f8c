/**
 * Metrics on their way to tools outside of the run directory: JSON lines, TensorBoard, MLflow and
 * what else implements {@link org.dapt.sink.MetricSink}.
 */
package org.dapt.sink;
