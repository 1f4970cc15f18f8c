package org.dapt.spark;

import java.util.Optional;
import org.apache.spark.SparkException;
import org.dapt.error.DaptException;

/** Finds in a failed Spark job what really failed. */
public final class SparkFailures {
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

  /** The first lines of a failure's message, up to the stack trace that Spark appends. */
  public static String summary(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    int trace = message.indexOf("\n\tat ");
    return (trace < 0 ? message : message.substring(0, trace))
        .replaceAll("\\s*\\R\\s*", " ")
        .strip();
  }
}
