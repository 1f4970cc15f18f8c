package org.dapt.backbone.t5;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/** Keys and values of one attention, each {@code [batch, heads, tokens, headSize]}. */
record KeysAndValues(Tensor keys, Tensor values) {
  /** These positions and, behind them, those of {@code next}; null stands for no positions. */
  static KeysAndValues append(KeysAndValues before, KeysAndValues next) {
    return before == null
        ? next
        : new KeysAndValues(
            Tensors.cat(List.of(before.keys, next.keys), 2),
            Tensors.cat(List.of(before.values, next.values), 2));
  }

  KeysAndValues select(Tensor rows) {
    return new KeysAndValues(keys.index_select(0, rows), values.index_select(0, rows));
  }

  KeysAndValues keep() {
    Scopes.keep(keys);
    Scopes.keep(values);
    return this;
  }

  void release() {
    Scopes.release(keys);
    Scopes.release(values);
  }
}
