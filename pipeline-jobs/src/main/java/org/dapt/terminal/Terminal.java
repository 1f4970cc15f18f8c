package org.dapt.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Decides about colours and redrawn lines, from where the streams of this process go and from the
 * environment: {@code NO_COLOR} (https://no-color.org) and {@code TERM=dumb} forbid.
 */
public final class Terminal {
  /** The file descriptor of standard input. */
  public static final int IN = 0;

  /** The file descriptor of standard output. */
  public static final int OUT = 1;

  /** The file descriptor of standard error. */
  public static final int ERR = 2;

  /** When there are colours. */
  public enum Colour {
    /** On a terminal that can show them. */
    AUTO,
    /** Also in files. */
    ALWAYS,
    /** Nowhere. */
    NEVER
  }

  private static volatile Colour chosen = Colour.AUTO;

  private final Map<String, String> environment;
  private final IntPredicate isTerminal;
  private final Colour colour;

  Terminal(Map<String, String> environment, IntPredicate isTerminal, Colour colour) {
    this.environment = environment;
    this.isTerminal = isTerminal;
    this.colour = colour;
  }

  /** That of this process. */
  public static Terminal here() {
    return new Terminal(System.getenv(), Terminal::isTerminal, chosen);
  }

  /** What the user asks for, for all of this process. */
  public static void choose(Colour colour) {
    chosen = colour;
  }

  /** Whether text on {@code stream} may have colours. */
  public boolean colours(int stream) {
    return switch (colour) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO ->
          environment.getOrDefault("NO_COLOR", "").isEmpty() && moves() && isTerminal.test(stream);
    };
  }

  /** Whether a line on {@code stream} can be drawn again in its place. */
  public boolean redraws(int stream) {
    return moves() && isTerminal.test(stream);
  }

  private boolean moves() {
    String kind = environment.getOrDefault("TERM", "");
    return !kind.isEmpty() && !kind.equals("dumb");
  }

  /** Java 17 itself can tell only whether input and output both are terminals. */
  private static boolean isTerminal(int stream) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + stream)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
