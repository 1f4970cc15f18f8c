package org.dapt.pet;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * All soft prompts of a stream, mixed per example: {@code Σᵢ wᵢ Pᵢ} is put in front of the input
 * embeddings. The mixture has one prompt's length, whatever the number of blocks.
 */
public final class PromptBank implements BlockBank {
  private final ComputeType type;
  private final Tensor frozen;
  private final PromptBlock newest;
  private final long length;
  private final long width;

  /**
   * @param blocks frozen blocks, the oldest first, all of one shape
   * @param newest a block whose prompt may require gradients, or null
   */
  public PromptBank(ComputeType type, List<PromptBlock> blocks, PromptBlock newest) {
    this.type = type;
    this.newest = newest;
    if (blocks.isEmpty() && newest == null) {
      throw new IllegalArgumentException("A bank needs at least one block");
    }
    Tensor any = newest == null ? blocks.get(0).prompt() : newest.prompt();
    length = any.size(0);
    width = any.size(1);
    try (PointerScope scope = new PointerScope()) {
      List<Tensor> rows = blocks.stream().map(PromptBank::row).toList();
      frozen = rows.isEmpty() ? null : Scopes.keep(Tensors.cat(rows, 0));
    }
  }

  @Override
  public Adaptation mix(Tensor weights) {
    List<Tensor> rows = new ArrayList<>();
    if (frozen != null) {
      rows.add(frozen);
    }
    if (newest != null) {
      rows.add(row(newest));
    }
    Tensor mixed = weights.matmul(Tensors.cat(rows, 0)).to(type.scalar());
    return new PromptPrefix(mixed.view(-1, length, width));
  }

  @Override
  public void close() {
    Scopes.release(frozen);
  }

  /** {@code [1, length · d]}. */
  private static Tensor row(PromptBlock block) {
    return block.prompt().reshape(1, -1);
  }
}
