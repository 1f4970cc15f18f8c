package org.dapt.backbone.llama;

import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.KeysAndValues;
import org.dapt.tensor.Scopes;

/**
 * Keys and values of one layer while an answer is decoded, with room behind them: a new token is
 * written there, and what was kept before is not copied. Room that is not in use holds zeros, which
 * a mask hides.
 */
final class LlamaMemory implements AutoCloseable {
  /** Tokens by which the room grows. */
  private static final long GROWTH = 32;

  private KeysAndValues kept;

  /** A memory of the tokens of {@code prompt}. */
  LlamaMemory(KeysAndValues prompt) {
    kept = withRoom(prompt, prompt.keys().size(2)).keep();
  }

  /** Tokens that a memory of {@code tokens} has room for. */
  static long room(long tokens) {
    return (tokens + GROWTH - 1) / GROWTH * GROWTH;
  }

  /** Writes {@code next}, one token of each example, as the token {@code at}. */
  void put(long at, KeysAndValues next) {
    if (at >= kept.keys().size(2)) {
      replace(withRoom(kept, at + 1));
    }
    kept.keys().narrow(2, at, 1).copy_(next.keys());
    kept.values().narrow(2, at, 1).copy_(next.values());
  }

  /** Everything kept: {@code [batch, heads, room, size]} each. */
  KeysAndValues get() {
    return kept;
  }

  /** Keeps the examples at {@code rows} only. */
  void select(Tensor rows) {
    replace(kept.select(rows));
  }

  @Override
  public void close() {
    kept.release();
  }

  private void replace(KeysAndValues next) {
    KeysAndValues before = kept;
    kept = next.keep();
    before.release();
  }

  private static KeysAndValues withRoom(KeysAndValues tokens, long length) {
    return new KeysAndValues(
        withRoom(tokens.keys(), room(length)), withRoom(tokens.values(), room(length)));
  }

  private static Tensor withRoom(Tensor tokens, long room) {
    return Scopes.inScope(
        () -> {
          Tensor all = tokens.new_zeros(tokens.size(0), tokens.size(1), room, tokens.size(3));
          all.narrow(2, 0, tokens.size(2)).copy_(tokens);
          return all;
        });
  }
}
