package org.dapt.cost;

import java.util.Locale;
import org.dapt.tensor.ComputeType;

/**
 * How fast a rank computes.
 *
 * @param tokens that it learns from in a second; 0 where nobody has stated it
 * @param operations a second that are assumed then
 */
public record Throughput(double tokens, double operations) {
  /** Answers, token by token, wait for memory more than they compute: measured on processors. */
  private static final double OF_ANSWERS = 0.4;

  /** Measured: see docs/performance.md. */
  private static final double CORE = 70e9;

  private static final double CORE_BFLOAT16 = 230e9;
  private static final double GPU = 40e12;
  private static final double GPU_BFLOAT16 = 200e12;

  /**
   * That of one core, or of one GPU.
   *
   * @param stated tokens a second, 0 for none
   */
  public static Throughput of(double stated, ComputeType type, boolean gpu) {
    boolean narrow = type == ComputeType.BFLOAT16;
    return new Throughput(
        stated, gpu ? narrow ? GPU_BFLOAT16 : GPU : narrow ? CORE_BFLOAT16 : CORE);
  }

  /**
   * Seconds of learning.
   *
   * @param tokens that are learnt from
   * @param operations that they take
   */
  double learning(double tokens, double operations) {
    return this.tokens > 0 ? tokens / this.tokens : operations / this.operations;
  }

  /**
   * Seconds of answering.
   *
   * @param answering operations that answers take
   * @param tokens that are learnt from in the same run
   * @param learning operations that they take
   */
  double answering(double answering, double tokens, double learning) {
    return passing(answering, tokens, learning) / OF_ANSWERS;
  }

  /**
   * Seconds of passes that only go forward over whole inputs.
   *
   * @param passing operations that they take
   * @param tokens that are learnt from in the same run
   * @param learning operations that they take
   */
  double passing(double passing, double tokens, double learning) {
    return passing / (learning == 0 ? operations : learning / learning(tokens, learning));
  }

  /** For people. */
  String text() {
    return tokens > 0
        ? String.format(Locale.ROOT, "%.0f tokens/s", tokens)
        : String.format(
            Locale.ROOT,
            "%.0f GFLOP/s, an assumption (train.rank-tokens-per-second)",
            operations / 1e9);
  }
}
