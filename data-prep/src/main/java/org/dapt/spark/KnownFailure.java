package org.dapt.spark;

import java.io.Serializable;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dapt.error.ConfigException;
import org.dapt.error.DaptException;
import org.dapt.error.InputException;
import org.dapt.error.LeaseException;
import org.dapt.error.TrainingException;

/**
 * A {@link DaptException} as text. Between processes only text is safe: causes may not be
 * serializable, and of a failed barrier stage Spark keeps nothing but the printed stack trace.
 *
 * @param type the simple name of the exception's class
 */
public record KnownFailure(String type, String message) implements Serializable {
  private static final Pattern PRINTED =
      Pattern.compile(
          Pattern.quote(DaptException.class.getPackageName())
              + "\\.(ConfigException|InputException|TrainingException|LeaseException): (.*?)"
              + "(?=\\R\\tat |\\RCaused by: |\\RDriver stacktrace:|\\z)",
          Pattern.DOTALL);

  public static KnownFailure of(DaptException exception) {
    return new KnownFailure(exception.getClass().getSimpleName(), exception.getMessage());
  }

  /** The first failure in a text that holds a printed stack trace. */
  static Optional<KnownFailure> in(String text) {
    Matcher matcher = PRINTED.matcher(text);
    return matcher.find()
        ? Optional.of(new KnownFailure(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /** An exception of the same type and message. */
  public DaptException rebuild() {
    return rebuild(null);
  }

  public DaptException rebuild(Throwable cause) {
    return switch (type) {
      case "ConfigException" -> new ConfigException(message, cause);
      case "InputException" -> new InputException(message, cause);
      case "LeaseException" -> new LeaseException(message, cause);
      case "TrainingException" -> new TrainingException(message, cause);
      default -> throw new IllegalStateException("No such failure: " + type);
    };
  }
}
