package org.dapt.backbone.llama;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Decoding;
import org.dapt.backbone.KeysAndValues;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * Decoding with the keys and values of prompt and answer kept. New tokens lie behind the longest
 * prompt for every example; a mask hides the padding between, and each example counts its own
 * positions.
 */
final class LlamaDecoding implements Decoding {
  private final LlamaBackbone model;
  private final List<KeysAndValues> memories = new ArrayList<>();
  private Adaptation adaptation;
  private long[] positions;
  private Tensor mask;
  private Tensor first;

  /**
   * @param memories keys and values of the padded prompts, by layer
   * @param lengths tokens of each prompt, and so the position of its next token
   * @param columns tokens of the padded prompts
   * @param first logits of the first token
   */
  LlamaDecoding(
      LlamaBackbone model,
      Adaptation adaptation,
      List<KeysAndValues> memories,
      long[] lengths,
      long columns,
      Tensor first) {
    this.model = model;
    this.adaptation = adaptation;
    memories.forEach(memory -> this.memories.add(memory.keep()));
    positions = lengths.clone();
    mask = mask(lengths, columns);
    this.first = Scopes.keep(first);
  }

  @Override
  public Tensor first() {
    return first;
  }

  @Override
  public Tensor step(Tensor last) {
    Tensor x = model.embed(last.unsqueeze(1));
    RotaryEmbedding.Turn turn = model.rotary().at(positions);
    extendMask();
    for (int i = 0; i < memories.size(); i++) {
      LlamaLayer layer = model.layers().get(i);
      Tensor normed = layer.attentionNorm().apply(x);
      KeysAndValues before = memories.get(i);
      KeysAndValues memory =
          KeysAndValues.append(before, layer.memory(normed, turn, adaptation)).keep();
      memories.set(i, memory);
      before.release();
      x = layer.apply(x, normed, turn, memory, mask, false, adaptation);
    }
    for (int i = 0; i < positions.length; i++) {
      positions[i]++;
    }
    return model.logits(x.squeeze(1));
  }

  @Override
  public void select(Tensor rows) {
    adaptation = adaptation.select(rows);
    for (int i = 0; i < memories.size(); i++) {
      KeysAndValues before = memories.get(i);
      memories.set(i, before.select(rows).keep());
      before.release();
    }
    long[] kept = Tensors.toLongs(rows);
    long[] before = positions;
    positions = IntStream.range(0, kept.length).mapToLong(i -> before[(int) kept[i]]).toArray();
    if (mask != null) {
      replaceMask(mask.index_select(0, rows));
    }
  }

  @Override
  public void close() {
    memories.forEach(KeysAndValues::release);
    memories.clear();
    Scopes.release(mask);
    Scopes.release(first);
    mask = null;
    first = null;
  }

  /** The new token is visible to every example. */
  private void extendMask() {
    if (mask != null) {
      Tensor visible = mask.new_zeros(positions.length, 1, 1, 1);
      replaceMask(Tensors.cat(List.of(mask, visible), 3));
    }
  }

  private void replaceMask(Tensor next) {
    Tensor before = mask;
    mask = Scopes.keep(next);
    Scopes.release(before);
  }

  /** 0 at tokens and −∞ at padding, {@code [batch, 1, 1, columns]}; null without padding. */
  private Tensor mask(long[] lengths, long columns) {
    if (IntStream.range(0, lengths.length).allMatch(i -> lengths[i] == columns)) {
      return null;
    }
    Placement placement = model.placement();
    Tensor index = placement.upTo(columns);
    Tensor padding = index.unsqueeze(0).ge(placement.indices(lengths).unsqueeze(1));
    Tensor zeros = placement.zeros(placement.scalar(), lengths.length, columns);
    return Scopes.keep(
        zeros.masked_fill(padding, new Scalar(Double.NEGATIVE_INFINITY)).unsqueeze(1).unsqueeze(1));
  }
}
