package org.dapt.backbone.t5;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.KeysAndValues;
import org.dapt.tensor.Scopes;

/**
 * Decoding with the keys and values of the answer kept. Those of the encoder's output are made
 * once, and only where the answers turn out long enough for it: a few tokens are cheaper without
 * them.
 */
final class T5Decoding implements Decoding {
  private final T5Backbone model;
  private final List<KeysAndValues> selfMemories = new ArrayList<>();
  private final List<KeysAndValues> crossMemories = new ArrayList<>();
  private Adaptation adaptation;
  private Tensor encoded;
  private Tensor crossMask;
  private long position;

  /**
   * @param encoded the encoder's output
   * @param crossMask −∞ at the source's padding, or null
   */
  T5Decoding(T5Backbone model, Adaptation adaptation, Tensor encoded, Tensor crossMask) {
    this.model = model;
    this.adaptation = adaptation;
    this.encoded = Scopes.keep(encoded);
    this.crossMask = crossMask == null ? null : Scopes.keep(crossMask);
    for (int i = 0; i < model.decoder().size(); i++) {
      selfMemories.add(null);
      crossMemories.add(null);
    }
  }

  @Override
  public Tensor first() {
    long[] start = new long[Math.toIntExact(encoded.size(0))];
    Arrays.fill(start, model.startToken());
    return step(model.placement().indices(start));
  }

  @Override
  public Tensor step(Tensor last) {
    Tensor x = model.embed(last.unsqueeze(1));
    Tensor bias = model.decoderBias(position);
    for (int i = 0; i < crossMemories.size(); i++) {
      T5DecoderLayer layer = model.decoder().get(i);
      Tensor normed = layer.selfNorm().apply(x);
      KeysAndValues before = selfMemories.get(i);
      KeysAndValues memory =
          KeysAndValues.append(before, layer.selfMemory(normed, adaptation)).keep();
      selfMemories.set(i, memory);
      if (before != null) {
        before.release();
      }
      x = layer.apply(x, normed, memory, bias, encoded, crossMemory(i), crossMask, adaptation);
    }
    position++;
    return model.logits(x.squeeze(1));
  }

  @Override
  public void select(Tensor rows) {
    adaptation = adaptation.select(rows);
    // What is kept belongs to no scope of the caller, which may end with the whole answer only.
    try (PointerScope scope = new PointerScope()) {
      select(selfMemories, rows);
      select(crossMemories, rows);
      encoded = select(encoded, rows);
      crossMask = select(crossMask, rows);
    }
  }

  @Override
  public void close() {
    release(selfMemories);
    release(crossMemories);
    Scopes.release(encoded);
    Scopes.release(crossMask);
    encoded = null;
    crossMask = null;
  }

  private KeysAndValues crossMemory(int layer) {
    T5CrossAttention cross = model.decoder().get(layer).cross();
    if (crossMemories.get(layer) == null
        && !cross.cheaperRegrouped(position + 1, encoded.size(1), adaptation)) {
      crossMemories.set(layer, cross.memory(encoded, adaptation).keep());
    }
    return crossMemories.get(layer);
  }

  private static Tensor select(Tensor tensor, Tensor rows) {
    if (tensor == null) {
      return null;
    }
    Tensor kept = Scopes.keep(tensor.index_select(0, rows));
    Scopes.release(tensor);
    return kept;
  }

  private static void select(List<KeysAndValues> memories, Tensor rows) {
    for (int i = 0; i < memories.size(); i++) {
      KeysAndValues before = memories.get(i);
      if (before != null) {
        memories.set(i, before.select(rows).keep());
        before.release();
      }
    }
  }

  private static void release(List<KeysAndValues> memories) {
    for (KeysAndValues memory : memories) {
      if (memory != null) {
        memory.release();
      }
    }
    memories.clear();
  }
}
