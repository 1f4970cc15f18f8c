package org.dapt.loop;

import java.util.Locale;
import java.util.stream.Collectors;
import org.dapt.terminal.ProgressLine;
import org.dapt.terminal.SpentTime;
import org.dapt.train.StepRecord;
import org.dapt.train.StepReport;

/** The progress of training, as a line for people. */
public final class Progress implements AutoCloseable {
  private final String label;
  private final long steps;

  /** Null on ranks that keep quiet. */
  private final ProgressLine line;

  /** Steps that were taken earlier; negative before the first one that is taken now. */
  private long before = -1;

  private long start;
  private long tokens;

  /**
   * @param label what is learnt
   * @param steps how many there will be in all
   * @param shown false on ranks that keep quiet
   */
  public Progress(String label, long steps, boolean shown) {
    this.label = label;
    this.steps = steps;
    line = shown ? new ProgressLine() : null;
  }

  /** Notes a step. */
  public void stepTaken(StepRecord step) {
    StepReport report = step.report();
    if (before < 0) {
      before = report.step() - 1;
      start = System.nanoTime() - (long) (step.seconds() * 1e9);
    }
    tokens += report.sourceTokens() + report.targetTokens();
    boolean last = report.step() == steps;
    if (line != null && (line.due() || last)) {
      line.show(text(report, (System.nanoTime() - start) / 1e9), last);
    }
  }

  @Override
  public void close() {
    if (line != null) {
      line.end();
    }
  }

  /** The terms that take part, in brackets. */
  private static String terms(StepReport report) {
    String all =
        report.terms().entrySet().stream()
            .filter(term -> term.getValue() != 0)
            .map(term -> String.format(Locale.ROOT, "%s %.4f", term.getKey(), term.getValue()))
            .collect(Collectors.joining(", "));
    return all.isEmpty() ? "" : " (" + all + ")";
  }

  private String text(StepReport report, double elapsed) {
    double left = elapsed / (report.step() - before) * (steps - report.step());
    return String.format(
        Locale.ROOT,
        "%s  step %d/%d  loss %.4f%s  %.0f tokens/s  %s left",
        label,
        report.step(),
        steps,
        report.loss(),
        terms(report),
        tokens / elapsed,
        SpentTime.text(left));
  }
}
