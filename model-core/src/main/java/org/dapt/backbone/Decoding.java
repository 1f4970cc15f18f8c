package org.dapt.backbone;

import org.bytedeco.pytorch.Tensor;

/**
 * Examples being decoded, with the keys and values of the tokens so far. Its tensors are kept
 * beyond the scopes of the single steps; closing it frees them.
 */
public interface Decoding extends AutoCloseable {
  /**
   * Appends one token to every example.
   *
   * @param last int64 {@code [batch]}, the newest token of each example
   * @return logits of the next token, {@code [batch, vocabulary]}
   */
  Tensor step(Tensor last);

  /** Goes on with the examples at {@code rows} (int64 {@code [kept]}) only, in that order. */
  void select(Tensor rows);

  /** The token with which every example's decoding starts. */
  int startToken();

  @Override
  void close();
}
