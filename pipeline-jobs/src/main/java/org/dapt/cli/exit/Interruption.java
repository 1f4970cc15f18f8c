package org.dapt.cli.exit;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.dapt.config.read.Redaction;
import org.dapt.job.Session;
import org.dapt.run.Lease;
import org.dapt.terminal.Terminal;
import scala.Option;

/**
 * What happens on Ctrl-C and when the process is asked to end: the work is called off and unwinds
 * as after a failure, so that half-written files go and leases are released; then one message says
 * how to go on. Java then ends the process with 130 or 143. Where tasks still compute by then, the
 * signal itself ends it, at once: Java would take native libraries apart below them, which ends in
 * a crash.
 */
public final class Interruption {
  /** Before Spark's hook, which would stop the session, and that of the file systems. */
  private static final int PRIORITY = 100;

  /** After all other hooks. */
  private static final int LAST = 0;

  private static final long PATIENCE_SECONDS = 10;
  private static volatile boolean going;

  private final Thread worker = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final String message;
  private volatile boolean tasksEnded = true;

  private Interruption(String message) {
    this.message = message;
  }

  /**
   * Prepares for it; to be called by the thread that does the work.
   *
   * @param message what to say in the end; empty for nothing
   */
  public static Interruption prepare(String message) {
    Interruption interruption = new Interruption(message);
    ShutdownHookManager.get()
        .addShutdownHook(interruption::stop, PRIORITY, 4 * PATIENCE_SECONDS, TimeUnit.SECONDS);
    ShutdownHookManager.get().addShutdownHook(interruption::endAtOnce, LAST);
    return interruption;
  }

  /** What to say of a command that can be called again; secrets are masked. */
  public static String message(String program, String... arguments) {
    StringBuilder text =
        new StringBuilder("dapt: interrupted. What is finished is kept. To go on:\n  ");
    text.append(Redaction.within(program));
    for (String argument : arguments) {
      text.append(' ').append(quoted(Redaction.ofArgument(argument)));
    }
    return text.toString();
  }

  /** Whether the process is being ended: failures are then no news. */
  static boolean isGoing() {
    return going;
  }

  /** The work is done, in whatever way. */
  public void ended() {
    ended.countDown();
  }

  private void stop() {
    if (ended.getCount() == 0) {
      return;
    }
    going = true;
    // What fails from here on fails because of this.
    Configurator.setAllLevels("", Level.OFF);
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {});
    try {
      callOff();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Lease.releaseAll();
      if (!message.isEmpty()) {
        if (Terminal.here().redraws(Terminal.ERR)) {
          System.err.println();
        }
        System.err.println(message);
      }
    }
  }

  private void callOff() throws InterruptedException {
    Option<SparkSession> session = SparkSession.getDefaultSession();
    SparkContext spark = session.isDefined() ? session.get().sparkContext() : null;
    if (spark != null) {
      spark.cancelAllJobs();
    }
    if (!ended.await(spark == null ? 1 : PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      // It waits for something else than Spark, or went on to a next job.
      if (spark != null) {
        spark.cancelAllJobs();
      }
      worker.interrupt();
      ended.await(1, TimeUnit.SECONDS);
    }
    if (spark != null) {
      tasksEnded = Session.awaitTasks(spark);
    }
  }

  private void endAtOnce() {
    if (!tasksEnded) {
      EndingSignal.raise();
    }
  }

  /** As a shell takes it for one word. */
  private static String quoted(String argument) {
    return argument.matches("[A-Za-z0-9_@%+=:,./\\[\\]-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }

  /** Words of a command that is not for going on. */
  public static boolean isConversation(List<String> arguments) {
    return arguments.contains("--interactive");
  }
}
