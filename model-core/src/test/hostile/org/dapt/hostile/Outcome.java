package org.dapt.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dapt.error.DaptException;
import org.dapt.error.ExitCode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.ThrowingSupplier;

/** What may come of a broken input: a documented failure that names it, or nothing unusual. */
public final class Outcome {
  /** A reader that takes longer hangs, as far as its user can tell. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static final int LONGEST_MESSAGE = 4000;

  private Outcome() {}

  /** An action that may fail. */
  @FunctionalInterface
  public interface Action {
    /** Reads the broken input. */
    void run() throws Exception;
  }

  /**
   * Runs {@code read}, which must succeed, or fail with the exit code {@code code} and a message
   * that holds {@code named}, is short enough to be read, and says more than a class name.
   *
   * @return the message; empty after a success, where the damage did no harm
   */
  public static Optional<String> of(ExitCode code, String named, Action read) {
    var failure = assertTimeoutPreemptively(LIMIT, failureOf(read));
    if (failure == null) {
      return Optional.empty();
    }
    assertThat(failure).isInstanceOf(DaptException.class);
    assertThat(((DaptException) failure).exitCode()).isEqualTo(code);
    assertMessage(failure.getMessage());
    assertThat(failure).hasMessageContaining(named);
    return Optional.of(failure.getMessage());
  }

  /** The same, and success is not allowed. */
  public static String refused(ExitCode code, String named, Action read) {
    var message = of(code, named, read);
    assertThat(message).as("the refusal of a broken input").isPresent();
    return message.orElseThrow();
  }

  /** A test of one broken input, which says in its failure which one it was. */
  public static DynamicTest test(String name, Action test) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          try {
            test.run();
          } catch (AssertionError e) {
            throw new AssertionError(name + ": " + e.getMessage(), e);
          }
        });
  }

  /** Whether a message is of use to people: neither a class name nor a flood, nor a null. */
  private static void assertMessage(String message) {
    assertThat(message.length()).isBetween(20, LONGEST_MESSAGE);
    assertThat(message)
        .doesNotContain("Exception:", "java.lang.", ": null.", "\tat ", "(StreamReadFeature")
        .matches(text -> text.chars().noneMatch(Outcome::isControl), "has no control characters");
  }

  private static boolean isControl(int character) {
    return Character.isISOControl(character) && character != '\n';
  }

  private static ThrowingSupplier<Throwable> failureOf(Action read) {
    Callable<Throwable> call =
        () -> {
          try {
            read.run();
            return null;
          } catch (Throwable e) {
            return e;
          }
        };
    return call::call;
  }
}
