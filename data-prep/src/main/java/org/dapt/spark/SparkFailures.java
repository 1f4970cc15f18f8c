package org.dapt.spark;

import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;
import org.dapt.error.DaptException;

/** Finds in a failed Spark job what really failed. */
public final class SparkFailures {
  private static final Pattern TRACE = Pattern.compile("\n(?:\tat |Exception raised from )");

  private SparkFailures() {}

  /**
   * The {@link DaptException} that was thrown in a task, with its type and message, or {@code
   * failure} itself if there is none.
   */
  public static Throwable unwrap(Throwable failure) {
    Optional<DaptException> known = DaptException.in(failure);
    if (known.isPresent()) {
      return known.get();
    }
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SparkException && t.getMessage() != null) {
        Optional<KnownFailure> printed = KnownFailure.in(t.getMessage());
        if (printed.isPresent()) {
          return printed.get().rebuild(failure);
        }
      }
    }
    return failure;
  }

  /**
   * The first lines of a failure's message, up to the stack trace that Spark appends, or libtorch
   * before it.
   */
  public static String summary(Throwable failure) {
    return TRACE
        .split(String.valueOf(failure.getMessage()), 2)[0]
        .replaceAll("\\s*\\R\\s*", " ")
        .strip();
  }
}
