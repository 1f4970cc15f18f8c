package org.dapt.backbone;

import org.bytedeco.pytorch.Tensor;

/**
 * Examples being decoded, with the keys and values of the tokens so far. Its tensors are kept
 * beyond the scopes of the single steps; closing it frees them.
 */
public interface Decoding extends AutoCloseable {
  /**
   * Logits of every example's first token, {@code [batch, vocabulary]}; to be called once, first.
   */
  Tensor first();

  /**
   * Appends one token to every example.
   *
   * @param last int64 {@code [batch]}, the newest token of each example
   * @return logits of the next token, {@code [batch, vocabulary]}
   */
  Tensor step(Tensor last);

  /**
   * Goes on with the examples at {@code rows} (int64 {@code [kept]}) only, in that order. Keys and
   * values of the others are freed at once, whatever scope is open.
   */
  void select(Tensor rows);

  @Override
  void close();
}
