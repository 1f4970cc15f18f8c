package org.dapt.job;

import java.util.Locale;
import org.dapt.report.SpentTime;
import org.dapt.train.StepReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The progress of long work: redrawn in place on a terminal, a log line every few seconds
 * otherwise.
 */
abstract class Progress implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final double SECONDS_BETWEEN_LINES = 5;
  private static final double SECONDS_BETWEEN_REDRAWS = 0.5;

  private final String label;
  private final long before;
  private final long steps;
  private final long start = System.nanoTime();
  private long lastShown = start;
  private long tokens;

  private Progress(String label, long before, long steps) {
    this.label = label;
    this.before = before;
    this.steps = steps;
  }

  /**
   * @param before steps that were taken earlier and are not taken now
   * @param steps how many there will be in all
   * @param shown false on ranks that keep quiet
   */
  // On Java 17, for which this is compiled, there is no console where output is redirected.
  @SuppressWarnings("SystemConsoleNull")
  static Progress of(String label, long before, long steps, boolean shown) {
    if (!shown) {
      return new Silent(label, before, steps);
    }
    return System.console() != null
        ? new Redrawn(label, before, steps)
        : new Lines(label, before, steps);
  }

  /** Notes a step. */
  void step(StepReport report, double seconds) {
    tokens += report.sourceTokens() + report.targetTokens();
    long now = System.nanoTime();
    boolean last = report.step() == steps;
    if ((now - lastShown) / 1e9 >= secondsBetween() || last) {
      lastShown = now;
      show(line(report, (now - start) / 1e9), last);
    }
  }

  abstract double secondsBetween();

  abstract void show(String line, boolean last);

  @Override
  public void close() {}

  private String line(StepReport report, double elapsed) {
    double left = elapsed / (report.step() - before) * (steps - report.step());
    return String.format(
        Locale.ROOT,
        "%s  step %d/%d  loss %.4f%s  %.0f tokens/s  %s left",
        label,
        report.step(),
        steps,
        report.loss(),
        report.penalty() == 0
            ? ""
            : String.format(Locale.ROOT, " (reflection %.4f)", report.penalty()),
        tokens / elapsed,
        duration(left));
  }

  /** 42 s, 3 min 5 s, 2 h 10 min. */
  static String duration(double seconds) {
    return SpentTime.text(seconds);
  }

  private static final class Silent extends Progress {
    Silent(String label, long before, long steps) {
      super(label, before, steps);
    }

    @Override
    double secondsBetween() {
      return Double.POSITIVE_INFINITY;
    }

    @Override
    void show(String line, boolean last) {}
  }

  private static final class Lines extends Progress {
    Lines(String label, long before, long steps) {
      super(label, before, steps);
    }

    @Override
    double secondsBetween() {
      return SECONDS_BETWEEN_LINES;
    }

    @Override
    void show(String line, boolean last) {
      LOG.info("{}", line);
    }
  }

  private static final class Redrawn extends Progress {
    Redrawn(String label, long before, long steps) {
      super(label, before, steps);
    }

    @Override
    double secondsBetween() {
      return SECONDS_BETWEEN_REDRAWS;
    }

    @Override
    void show(String line, boolean last) {
      System.err.print("\r\u001b[2K" + line + (last ? System.lineSeparator() : ""));
      System.err.flush();
    }
  }
}
