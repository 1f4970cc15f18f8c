package org.dapt.backbone.llama;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Decoding;
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
  private final List<LlamaMemory> memories;
  private Adaptation adaptation;
  private long[] positions;
  private long columns;
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
      List<LlamaMemory> memories,
      long[] lengths,
      long columns,
      Tensor first) {
    this.model = model;
    this.adaptation = adaptation;
    this.memories = memories;
    positions = lengths.clone();
    this.columns = columns;
    mask = Scopes.keep(hidden(lengths));
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
    show(columns);
    for (int i = 0; i < memories.size(); i++) {
      LlamaLayer layer = model.layers().get(i);
      Tensor normed = layer.attentionNorm().apply(x);
      LlamaMemory memory = memories.get(i);
      memory.put(columns, layer.memory(normed, turn, adaptation));
      x = layer.apply(x, normed, turn, memory.get(), mask, false, adaptation);
    }
    columns++;
    for (int i = 0; i < positions.length; i++) {
      positions[i]++;
    }
    return model.logits(x.squeeze(1));
  }

  @Override
  public void select(Tensor rows) {
    adaptation = adaptation.select(rows);
    // What is kept belongs to no scope of the caller, which may end with the whole answer only.
    try (PointerScope scope = new PointerScope()) {
      memories.forEach(memory -> memory.select(rows));
      replaceMask(mask.index_select(0, rows));
    }
    long[] kept = Tensors.toLongs(rows);
    long[] before = positions;
    positions = IntStream.range(0, kept.length).mapToLong(i -> before[(int) kept[i]]).toArray();
  }

  @Override
  public void close() {
    memories.forEach(LlamaMemory::close);
    memories.clear();
    Scopes.release(mask);
    Scopes.release(first);
    mask = null;
    first = null;
  }

  /** Makes the token of this column visible to every example, and its room where there is none. */
  private void show(long column) {
    if (column >= mask.size(3)) {
      Tensor wider =
          mask.new_full(
              new long[] {positions.length, 1, 1, LlamaMemory.room(column + 1)},
              new Scalar(Double.NEGATIVE_INFINITY));
      wider.narrow(3, 0, mask.size(3)).copy_(mask);
      replaceMask(wider);
    }
    mask.narrow(3, column, 1).zero_();
  }

  private void replaceMask(Tensor next) {
    Tensor before = mask;
    mask = Scopes.keep(next);
    Scopes.release(before);
  }

  /** 0 at tokens of the prompts and −∞ behind them, {@code [batch, 1, 1, room]}. */
  private Tensor hidden(long[] lengths) {
    Placement placement = model.placement();
    long room = LlamaMemory.room(columns);
    Tensor index = placement.upTo(room);
    Tensor padding = index.unsqueeze(0).ge(placement.indices(lengths).unsqueeze(1));
    Tensor zeros = placement.zeros(placement.scalar(), lengths.length, room);
    return zeros
        .masked_fill(padding, new Scalar(Double.NEGATIVE_INFINITY))
        .unsqueeze(1)
        .unsqueeze(1);
  }
}
