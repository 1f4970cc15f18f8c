package org.dapt.sink;

import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * A place that metrics are sent to while a run goes on. One with a public constructor without
 * arguments that is named in {@code META-INF/services/org.dapt.sink.MetricSink} is switched on by
 * its name in {@code metrics.sinks}.
 *
 * <p>All methods but {@link #name} are called by one thread, which is the sink's own: it may take
 * its time. Whatever a method throws is told to the user once and ends in another {@link #open}
 * after a while; training never hears of it.
 */
public interface MetricSink {
  /** The name by which the sink is configured and which messages tell. */
  String name();

  /**
   * Begins, or begins again after a failure: what an earlier opening left is given up.
   *
   * @param run what is measured
   */
  void open(SinkRun run) throws IOException;

  /**
   * The steps of {@code series} that the sink holds already, written by this or an earlier command
   * on the run. Asked once for every series after each opening; these steps are not written again.
   */
  BitSet held(String series) throws IOException;

  /** Takes {@code points}, which is not empty; when this returns they are kept. */
  void write(List<MetricPoint> points) throws IOException;

  /**
   * Ends the command. The sink need not be open.
   *
   * @param succeeded whether the command did what it was asked for
   */
  void close(boolean succeeded) throws IOException;
}
