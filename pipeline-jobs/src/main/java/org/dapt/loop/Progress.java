package org.dapt.loop;

import java.util.Locale;
import java.util.stream.Collectors;
import org.dapt.terminal.ProgressLine;
import org.dapt.terminal.SpentTime;
import org.dapt.train.StepReport;

/** The progress of training. */
final class Progress implements AutoCloseable {
  private final String label;
  private final long before;
  private final long steps;

  /** Null on ranks that keep quiet. */
  private final ProgressLine line;

  private final long start = System.nanoTime();
  private long tokens;

  private Progress(String label, long before, long steps, ProgressLine line) {
    this.label = label;
    this.before = before;
    this.steps = steps;
    this.line = line;
  }

  /**
   * @param before steps that were taken earlier and are not taken now
   * @param steps how many there will be in all
   * @param shown false on ranks that keep quiet
   */
  static Progress of(String label, long before, long steps, boolean shown) {
    return new Progress(label, before, steps, shown ? new ProgressLine() : null);
  }

  /** Notes a step. */
  void step(StepReport report) {
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
