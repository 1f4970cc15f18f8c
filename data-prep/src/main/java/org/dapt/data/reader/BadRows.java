package org.dapt.data.reader;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import org.dapt.error.InputException;

/** What becomes of rows that are no instances. */
public enum BadRows {
  /** A single one ends the preparation. */
  FAIL,
  /**
   * They are left out and counted, unless they are more than {@link #MOST} of the rows of their
   * file, or those of the task and split that are read more than that of its rows.
   */
  SKIP;

  /** Share of rows; more of them say that the file is not what it is taken for. */
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
   * Lets the files of a split pass or not.
   *
   * @param files as messages name them
   * @param found what is in each
   * @throws InputException if they have too many bad rows
   */
  public void check(List<String> files, List<TaskFile.Facts> found) {
    for (int i = 0; i < files.size(); i++) {
      TaskFile.Facts facts = found.get(i);
      long bad = facts.badRows().count();
      if (this == FAIL ? bad > 0 : bad > MOST * (facts.instances() + facts.others() + bad)) {
        throw tooMany(files.get(i), facts);
      }
    }
    long own = found.stream().mapToLong(facts -> facts.badRows().own()).sum();
    long good = found.stream().mapToLong(TaskFile.Facts::instances).sum();
    for (int i = 0; own > MOST * (good + own) && i < files.size(); i++) {
      if (found.get(i).badRows().own() > 0) {
        throw tooMany(files.get(i), found.get(i));
      }
    }
  }

  private InputException tooMany(String file, TaskFile.Facts found) {
    TaskFile.BadRows bad = found.badRows();
    return new InputException(
        "%s has %d bad %s beside %d good%s: %s%s. Correct them%s."
            .formatted(
                file,
                bad.count(),
                bad.count() == 1 ? "row" : "rows",
                found.instances(),
                found.others() == 0
                    ? ""
                    : " and %d of other tasks or splits".formatted(found.others()),
                String.join("; ", bad.shown()),
                bad.count() > bad.shown().size() ? "; …" : "",
                this == FAIL
                    ? ", or set tasks.bad-rows = skip to leave up to a tenth of the rows out"
                    : "; tasks.bad-rows = skip leaves a tenth of the rows out at most"));
  }
}
