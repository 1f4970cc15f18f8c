package org.dapt.sink;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dapt.error.Shown;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one sink, and what waits for it. A sink that fails is opened again after a pause
 * that grows; what it missed waits meanwhile, up to a bound. Above that the sink is given up for
 * this command.
 */
final class SinkWorker {
  private static final Logger LOG = LoggerFactory.getLogger(SinkWorker.class);

  /**
   * How long and how much.
   *
   * @param points that may wait
   * @param firstPause after a failure; each further pause is twice the one before
   * @param longestPause at most
   * @param patience how long the end of the command waits for a sink that takes nothing
   */
  record Limits(long points, Duration firstPause, Duration longestPause, Duration patience) {
    static Limits standard() {
      return new Limits(
          1_000_000, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofSeconds(10));
    }
  }

  private final MetricSink sink;
  private final SinkRun run;
  private final Limits limits;
  private final Thread thread;
  private final Map<String, BitSet> held = new HashMap<>();

  // Guarded by this.
  private final Deque<List<MetricPoint>> waiting = new ArrayDeque<>();
  private long points;
  private boolean givenUp;
  private boolean ending;
  private boolean succeeded;
  private long lastTaken;

  // Of the thread alone.
  private boolean open;
  private boolean told;

  SinkWorker(MetricSink sink, SinkRun run, Limits limits) {
    this.sink = sink;
    this.run = run;
    this.limits = limits;
    thread = new Thread(this::work, "metrics to " + sink.name());
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes {@code batch} to be sent; never waits. */
  synchronized void offer(List<MetricPoint> batch) {
    if (givenUp || batch.isEmpty()) {
      return;
    }
    points += batch.size();
    if (points > limits.points()) {
      LOG.warn(
          "Metrics are no longer sent to {}: more than {} values wait for it. The next command on this run sends what is missing.",
          sink.name(),
          limits.points());
      giveUp();
      return;
    }
    waiting.add(batch);
    notifyAll();
  }

  /**
   * Sends what waits and ends the sink. Waits as long as the sink takes something now and then.
   *
   * @param good whether the command succeeded
   */
  synchronized void finish(boolean good) {
    ending = true;
    succeeded = good;
    lastTaken = System.nanoTime();
    notifyAll();
    try {
      while (thread.isAlive()) {
        long left = limits.patience().toNanos() - (System.nanoTime() - lastTaken);
        if (left <= 0) {
          break;
        }
        wait(left / 1_000_000 + 1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (points > 0) {
      LOG.warn(
          "{} values were not sent to {}. The next command on this run sends them.",
          points,
          sink.name());
    }
    giveUp();
  }

  private synchronized void giveUp() {
    givenUp = true;
    ending = true;
    waiting.clear();
    points = 0;
    notifyAll();
  }

  private void work() {
    try {
      List<MetricPoint> batch = next();
      while (batch != null) {
        send(batch);
        batch = next();
      }
      sink.close(succeeded());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception | LinkageError e) {
      LOG.warn("The end of the command could not be told to {}: {}", sink.name(), reason(e));
    } finally {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /** The oldest batch, which stays; null at the end. */
  private synchronized List<MetricPoint> next() throws InterruptedException {
    while (waiting.isEmpty() && !ending) {
      wait();
    }
    return waiting.peek();
  }

  private synchronized boolean succeeded() {
    return succeeded;
  }

  private void send(List<MetricPoint> batch) throws InterruptedException {
    Duration pause = limits.firstPause();
    while (!isGivenUp()) {
      try {
        write(batch);
        taken(batch);
        if (told) {
          LOG.info("Metrics are sent to {} again", sink.name());
          told = false;
        }
        return;
      } catch (Exception | LinkageError e) {
        failed(e);
        pause(pause);
        pause =
            pause.multipliedBy(2).compareTo(limits.longestPause()) > 0
                ? limits.longestPause()
                : pause.multipliedBy(2);
      }
    }
  }

  private void write(List<MetricPoint> batch) throws IOException {
    if (!open) {
      held.clear();
      sink.open(run);
      open = true;
    }
    List<MetricPoint> missing = new ArrayList<>();
    for (MetricPoint point : batch) {
      BitSet steps = held.get(point.series());
      if (steps == null) {
        steps = sink.held(point.series());
        held.put(point.series(), steps);
      }
      if (!steps.get(point.step())) {
        steps.set(point.step());
        missing.add(point);
      }
    }
    if (!missing.isEmpty()) {
      sink.write(missing);
    }
  }

  private synchronized void taken(List<MetricPoint> batch) {
    lastTaken = System.nanoTime();
    // It was given up meanwhile where another one stands first.
    if (waiting.peek() == batch) {
      waiting.remove();
      points -= batch.size();
    }
    notifyAll();
  }

  private synchronized boolean isGivenUp() {
    return givenUp;
  }

  private void failed(Throwable e) {
    if (!told) {
      LOG.warn(
          "Metrics cannot be sent to {}: {} The run goes on without; it is tried again now and then.",
          sink.name(),
          reason(e));
      LOG.debug("Where it happened", e);
      told = true;
    }
    open = false;
  }

  private synchronized void pause(Duration pause) throws InterruptedException {
    long end = System.nanoTime() + pause.toNanos();
    long left = pause.toNanos();
    // The end of the command brings forward the last attempt.
    boolean before = ending;
    while (left > 0 && !givenUp && ending == before) {
      wait(left / 1_000_000 + 1);
      left = end - System.nanoTime();
    }
  }

  private static String reason(Throwable e) {
    Throwable first = e;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    String text =
        first.getMessage() == null
            ? first.getClass().getSimpleName()
            : first.getClass().getSimpleName() + ": " + first.getMessage();
    return Shown.of(text) + (text.endsWith(".") ? "" : ".");
  }
}
