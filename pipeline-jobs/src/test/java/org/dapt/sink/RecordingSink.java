package org.dapt.sink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;

/** A sink from outside of dapt, found by its line in META-INF/services: keeps what it gets. */
public final class RecordingSink implements MetricSink {
  /** By name of the run directory: what its commands sent. */
  public static final Map<String, List<MetricPoint>> SENT =
      Collections.synchronizedMap(new TreeMap<>());

  /** Whether the last command ended well, and how many writes are to fail from now on. */
  private static volatile boolean succeeded;

  /** Where it is not null, each write takes a permit or waits for one. */
  volatile Semaphore permits;

  volatile int failures;
  volatile int opened;
  private String run;

  /** Whether the last command that used such a sink ended well. */
  public static boolean lastSucceeded() {
    return succeeded;
  }

  @Override
  public String name() {
    return "recording";
  }

  @Override
  public void open(SinkRun opening) {
    opened++;
    run = opening.root().toString();
    SENT.putIfAbsent(run, Collections.synchronizedList(new ArrayList<>()));
  }

  @Override
  public BitSet held(String series) {
    BitSet steps = new BitSet();
    for (MetricPoint point : List.copyOf(SENT.get(run))) {
      if (point.series().equals(series)) {
        steps.set(point.step());
      }
    }
    return steps;
  }

  @Override
  public void write(List<MetricPoint> points) throws IOException {
    if (permits != null) {
      permits.acquireUninterruptibly();
    }
    if (failures > 0) {
      failures--;
      // Half of it arrives all the same.
      SENT.get(run).addAll(points.subList(0, points.size() / 2));
      throw new IOException("the line is dead");
    }
    SENT.get(run).addAll(points);
  }

  @Override
  public void close(boolean good) {
    succeeded = good;
  }
}
