package org.dapt.data.reader;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.dapt.error.InputException;

/** What becomes of rows that are no instances. */
public enum BadRows {
  /** A single one ends the preparation. */
  FAIL,
  /** They are left out and counted, unless they are more than {@link #MOST} of the rows. */
  SKIP;

  /** Share of the rows of a split; more of them say that the file is not what it is taken for. */
  public static final double MOST = 0.1;

  /** As it is written. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one that is written so. */
  @JsonCreator
  static BadRows of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /**
   * Lets files with these rows pass or not.
   *
   * @param file as messages name it
   * @param good how many rows are instances
   * @throws InputException if they are too many
   */
  public void check(String file, long good, TaskFile.BadRows bad) {
    boolean tooMany = this == FAIL ? bad.count() > 0 : bad.count() > MOST * (good + bad.count());
    if (!tooMany) {
      return;
    }
    throw new InputException(
        "%s has %d bad %s beside %d good: %s%s. Correct them%s."
            .formatted(
                file,
                bad.count(),
                bad.count() == 1 ? "row" : "rows",
                good,
                String.join("; ", bad.shown()),
                bad.count() > bad.shown().size() ? "; …" : "",
                this == FAIL
                    ? ", or set tasks.bad-rows = skip to leave up to a tenth of the rows out"
                    : "; tasks.bad-rows = skip leaves a tenth of the rows out at most"));
  }
}
