package org.dapt.cost;

import java.util.Locale;
import org.dapt.terminal.SpentTime;

/** Adds up what the steps of a run cost. */
public final class RunCost {
  private static final double HOURS_FROM = 36_000;

  private final Operations operations;
  private final Throughput throughput;
  private double tokens;
  private double learning;
  private double answers;
  private double answering;
  private double passing;
  private double looking;

  /**
   * @param operations of an example
   * @param throughput of a rank
   */
  public RunCost(Operations operations, Throughput throughput) {
    this.operations = operations;
    this.throughput = throughput;
  }

  /**
   * Adds what is learnt of a task.
   *
   * @param examples that are learnt from, each as often as it comes
   * @param earlier blocks beside the one that learns
   * @param prefix embeddings in front of an input, which are computed with and are no tokens
   * @return the tokens
   */
  public double learn(TaskSize task, double examples, int earlier, int prefix) {
    double more = examples * (task.source() + task.target());
    tokens += more;
    learning += examples * operations.learning(prefix + task.source(), task.target(), earlier);
    return more;
  }

  /**
   * Adds passes of a task's inputs while it is learnt, going forward alone and without blocks.
   *
   * @param inputs that pass, each as often as it does
   * @param answered whether their answers are given
   */
  public void pass(TaskSize task, double inputs, boolean answered) {
    passing += inputs * operations.answering(task.source(), answered ? task.target() : 0, 0);
  }

  /**
   * Adds answers to inputs of a task.
   *
   * @param examples how many
   * @param blocks how many there are
   * @param looks how often an input passes the model before, without blocks
   */
  public void answer(TaskSize task, double examples, int blocks, int looks) {
    answers += examples;
    answering += examples * operations.answering(task.source(), task.target(), blocks);
    looking += examples * looks * operations.answering(task.source(), 0, 0);
  }

  /** Whether anything is left to do. */
  public boolean isNothing() {
    return learning == 0 && answering == 0;
  }

  /**
   * What it comes to, for people.
   *
   * @param ranks that learn, and as many tasks that answer
   */
  public String text(int ranks) {
    double learns = learns(ranks);
    double answers = answers(ranks);
    return "about %s on %d %s of %s: learning %s, for %s tokens and %s FLOP; answers %s, for %s inputs and %s FLOP"
        .formatted(
            time(learns + answers),
            ranks,
            ranks == 1 ? "rank" : "ranks",
            throughput.text(),
            time(learns),
            number(tokens),
            power(learning + passing),
            time(answers),
            number(this.answers),
            power(answering + looking));
  }

  /** The seconds that {@link #text} tells. */
  public double seconds(int ranks) {
    return learns(ranks) + answers(ranks);
  }

  private double learns(int ranks) {
    return (throughput.learning(tokens, learning) + throughput.passing(passing, tokens, learning))
        / ranks;
  }

  private double answers(int ranks) {
    return (throughput.answering(answering, tokens, learning)
            + throughput.passing(looking, tokens, learning))
        / ranks;
  }

  /** Tokens for people. */
  public static String number(double count) {
    return String.format(Locale.ROOT, "%,.0f", count);
  }

  /** Seconds for people. */
  public static String time(double seconds) {
    return seconds < HOURS_FROM
        ? SpentTime.text(seconds)
        : String.format(Locale.ROOT, "%,.0f h", seconds / 3600);
  }

  private static String power(double operations) {
    return String.format(Locale.ROOT, "%.1e", operations);
  }
}
