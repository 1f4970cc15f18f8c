package org.dapt.method;

import java.util.Set;

/**
 * How a method makes up examples of the tasks that it has learnt, so that none need be kept: asked
 * for an example of a task, its block answers with a text that holds one. It learns to do so from
 * {@link Example#recollection}, beside the answers. In texts an input stands with its instruction
 * where it has one of its own.
 */
public interface Recollection {
  /** What is asked for an example of {@code task}. */
  String request(String task);

  /** The text that holds an example. */
  String text(String input, String output);

  /**
   * The example in a text that was made up.
   *
   * @param labels the answers of the task, one of which is expected; empty where any will do
   */
  Drawn read(String text, Set<String> labels);

  /**
   * A task whose training examples have at most so many different answers, and fewer than there are
   * examples, has these as its labels; 0 for no task.
   */
  int mostLabels();

  /** What became of a text. */
  enum Verdict {
    /** It holds an example. */
    GOOD,
    /** It has not the form of {@link #text}. */
    MALFORMED,
    /** Input or output is blank. */
    EMPTY,
    /** The output is none of the labels. */
    NO_LABEL
  }

  /**
   * A text that was made up.
   *
   * @param input without outer white space; null unless the verdict is {@link Verdict#GOOD}
   * @param output likewise
   */
  record Drawn(Verdict verdict, String input, String output) {
    /** One that holds no example. */
    public Drawn(Verdict verdict) {
      this(verdict, null, null);
    }
  }
}
