package org.dapt.backbone;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/** Keys and values of one attention, each {@code [batch, heads, tokens, headSize]}. */
public record KeysAndValues(Tensor keys, Tensor values) {
  /** These positions and, behind them, those of {@code next}; null stands for no positions. */
  public static KeysAndValues append(KeysAndValues before, KeysAndValues next) {
    return before == null
        ? next
        : new KeysAndValues(
            Tensors.cat(List.of(before.keys, next.keys), 2),
            Tensors.cat(List.of(before.values, next.values), 2));
  }

  /** The same for the examples at {@code rows} only. */
  public KeysAndValues select(Tensor rows) {
    return new KeysAndValues(keys.index_select(0, rows), values.index_select(0, rows));
  }

  /** Keeps both beyond the scopes that are open now, until {@link #release()}. */
  public KeysAndValues keep() {
    Scopes.keep(keys);
    Scopes.keep(values);
    return this;
  }

  /** Gives up one {@link #keep()}. */
  public void release() {
    Scopes.release(keys);
    Scopes.release(values);
  }
}
