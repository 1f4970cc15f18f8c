package org.dapt.sink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A sink from outside of dapt, found by its line in META-INF/services: keeps what it gets. */
public final class RecordingSink implements MetricSink {
  /** By name of the run directory: what its commands sent. */
  public static final Map<String, List<MetricPoint>> SENT =
      Collections.synchronizedMap(new TreeMap<>());

  private static volatile boolean succeeded;

  /** Where it is not null, each write takes a permit or waits for one. */
  volatile Semaphore permits;

  /** How many writes are to fail. */
  final AtomicInteger failures = new AtomicInteger();

  final AtomicInteger opened = new AtomicInteger();
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
    opened.incrementAndGet();
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
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
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
