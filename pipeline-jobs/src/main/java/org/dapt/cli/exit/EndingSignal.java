package org.dapt.cli.exit;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.stream.Stream;

/** The signal that the process is ending of. */
final class EndingSignal {
  private EndingSignal() {}

  /**
   * Lets it end the process as if Java had never handled it: without further hooks, and without the
   * destructors of native libraries. Does nothing where the process ends for another reason.
   */
  static void raise() {
    received().ifPresent(EndingSignal::raise);
  }

  /** Java names the thread that handles a signal after it. */
  private static Optional<String> received() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .flatMap(
            name ->
                Stream.of("TERM", "INT", "HUP")
                    .filter(one -> name.equals("SIG" + one + " handler")))
        .findFirst();
  }

  /** By reflection: the class is there on every JDK, but compilers warn of it. */
  private static void raise(String name) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object signal = type.getConstructor(String.class).newInstance(name);
      Method handle = type.getMethod("handle", type, handler);
      handle.invoke(null, signal, handler.getField("SIG_DFL").get(null));
      type.getMethod("raise", type).invoke(null, signal);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("SIG" + name + " cannot be raised", e);
    }
  }
}
