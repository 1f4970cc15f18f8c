package org.dapt.backbone.t5;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.KeysAndValues;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * Decoding with the keys and values of the encoder's output computed once and those of the answer
 * kept.
 */
final class T5Decoding implements Decoding {
  private final T5Backbone model;
  private final List<KeysAndValues> selfMemories = new ArrayList<>();
  private final List<KeysAndValues> crossMemories = new ArrayList<>();
  private final int examples;
  private Adaptation adaptation;
  private Tensor crossMask;
  private long position;

  T5Decoding(
      T5Backbone model,
      int examples,
      Adaptation adaptation,
      List<KeysAndValues> crossMemories,
      Tensor crossMask) {
    this.model = model;
    this.examples = examples;
    this.adaptation = adaptation;
    this.crossMask = crossMask == null ? null : Scopes.keep(crossMask);
    for (KeysAndValues memory : crossMemories) {
      this.crossMemories.add(memory.keep());
      selfMemories.add(null);
    }
  }

  @Override
  public Tensor first() {
    long[] start = new long[examples];
    Arrays.fill(start, model.startToken());
    return step(Tensors.indices(start));
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
      x = layer.apply(x, normed, memory, bias, crossMemories.get(i), crossMask, adaptation);
    }
    position++;
    return model.logits(x.squeeze(1));
  }

  @Override
  public void select(Tensor rows) {
    adaptation = adaptation.select(rows);
    select(selfMemories, rows);
    select(crossMemories, rows);
    if (crossMask != null) {
      Tensor kept = Scopes.keep(crossMask.index_select(0, rows));
      Scopes.release(crossMask);
      crossMask = kept;
    }
  }

  @Override
  public void close() {
    for (KeysAndValues memory : selfMemories) {
      if (memory != null) {
        memory.release();
      }
    }
    crossMemories.forEach(KeysAndValues::release);
    Scopes.release(crossMask);
    selfMemories.clear();
    crossMemories.clear();
    crossMask = null;
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
}
