package org.dapt.bigdl;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.TaskContext;
import org.dapt.exchange.ExchangeException;
import org.dapt.gang.spark.Mailbox;

/**
 * Calls BigDL in a thread of its own, because its calls wait for other processes without a bound.
 * It is no Spark task: the locks that BigDL leaves on its blocks are nobody's but this exchange's.
 */
final class Hand {
  private static final long LOOK_MS = 100;
  private static final long END_MS = 5_000;

  private final ExecutorService thread;
  private final Mailbox mailbox;
  private final Duration timeout;

  Hand(Mailbox mailbox, Duration timeout) {
    this.mailbox = mailbox;
    this.timeout = timeout;
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread own = new Thread(work, "dapt-bigdl-" + mailbox.rank());
              own.setDaemon(true);
              return own;
            });
  }

  /**
   * Runs {@code work} and waits for its end.
   *
   * @throws ExchangeException if it fails or takes longer than ranks wait for each other
   */
  void run(Runnable work) {
    long start = System.nanoTime();
    Future<?> running = thread.submit(work);
    while (true) {
      try {
        running.get(LOOK_MS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        TaskContext task = TaskContext.get();
        if (task != null && task.isInterrupted()) {
          throw ended(running, "Spark has ended its task", e);
        }
        if (System.nanoTime() - start > timeout.toNanos()) {
          throw ended(running, "BigDL was not done within " + timeout, e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw ended(running, "its thread was interrupted", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        String reason = e.getCause().getMessage();
        throw mailbox.failure(reason == null ? e.getCause().toString() : reason, e.getCause());
      }
    }
  }

  private ExchangeException ended(Future<?> running, String reason, Exception cause) {
    running.cancel(true);
    return mailbox.failure(reason, cause);
  }

  /** Runs {@code work} last, in another thread: the one above may still wait for a peer. */
  void end(Runnable work) {
    thread.shutdownNow();
    Thread last = new Thread(work, "dapt-bigdl-end-" + mailbox.rank());
    last.setDaemon(true);
    last.start();
    try {
      last.join(END_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
