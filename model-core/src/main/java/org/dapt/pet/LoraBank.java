package org.dapt.pet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Projection;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * All LoRA blocks of a stream, mixed per example: {@code y = W x + Σᵢ wᵢ · (α/r) · Bᵢ Aᵢ x}.
 *
 * <p>The blocks of one projection are kept as one pair, A {@code [Σr, in]} and B {@code [out, Σr]},
 * so that the mixture costs two matrix products whatever the number of blocks: {@code ((x Aᵀ) ⊙ s)
 * Bᵀ}, where s holds wᵢ · α/r once for each of block i's r columns.
 */
public final class LoraBank implements BlockBank {
  /** The stacked matrices of one projection. */
  private record Pair(Tensor a, Tensor b) {}

  private final ComputeType type;
  private final List<Projection> projections;
  private final Map<String, Pair> frozen = new HashMap<>();
  private final LoraBlock newest;
  private final Tensor spread;

  /**
   * @param projections the adapted projections
   * @param blocks frozen blocks, the oldest first
   * @param newest a block whose matrices may require gradients, or null
   * @param alpha α
   */
  public LoraBank(
      ComputeType type,
      List<Projection> projections,
      List<LoraBlock> blocks,
      LoraBlock newest,
      double alpha) {
    this.type = type;
    this.projections = List.copyOf(projections);
    this.newest = newest;
    List<LoraBlock> all = new ArrayList<>(blocks);
    if (newest != null) {
      all.add(newest);
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("A bank needs at least one block");
    }
    try (PointerScope scope = new PointerScope()) {
      if (!blocks.isEmpty()) {
        for (Projection projection : this.projections) {
          Pair pair = stack(blocks, projection.name());
          frozen.put(projection.name(), new Pair(Scopes.keep(pair.a), Scopes.keep(pair.b)));
        }
      }
      spread = Scopes.keep(spread(all, alpha));
    }
  }

  @Override
  public Adaptation mix(Tensor weights) {
    Tensor scale = weights.matmul(spread).to(type.scalar()).unsqueeze(1);
    Map<String, Pair> pairs = new HashMap<>();
    for (Projection projection : projections) {
      pairs.put(projection.name(), pair(projection.name()));
    }
    return new Mixture(pairs, scale);
  }

  @Override
  public void close() {
    frozen
        .values()
        .forEach(
            pair -> {
              Scopes.release(pair.a);
              Scopes.release(pair.b);
            });
    frozen.clear();
    Scopes.release(spread);
  }

  /** {@code [blocks, Σr]}: row i holds α/r at the columns of block i, so that w times it is s. */
  private Tensor spread(List<LoraBlock> blocks, double alpha) {
    String any = projections.get(0).name();
    long columns = blocks.stream().mapToLong(block -> block.a(any).size(0)).sum();
    Tensor rows =
        torch.zeros(new long[] {blocks.size(), columns}, new TensorOptions(type.learnt()));
    long from = 0;
    for (int i = 0; i < blocks.size(); i++) {
      long rank = blocks.get(i).a(any).size(0);
      rows.select(0, i).narrow(0, from, rank).fill_(new Scalar(alpha / rank));
      from += rank;
    }
    return rows;
  }

  private Pair stack(List<LoraBlock> blocks, String projection) {
    List<Tensor> a = blocks.stream().map(block -> block.a(projection)).toList();
    List<Tensor> b = blocks.stream().map(block -> block.b(projection)).toList();
    return new Pair(Tensors.cat(a, 0).to(type.scalar()), Tensors.cat(b, 1).to(type.scalar()));
  }

  private Pair pair(String projection) {
    Pair old = frozen.get(projection);
    if (newest == null) {
      return old;
    }
    Tensor a = newest.a(projection).to(type.scalar());
    Tensor b = newest.b(projection).to(type.scalar());
    return old == null
        ? new Pair(a, b)
        : new Pair(Tensors.cat(List.of(old.a, a), 0), Tensors.cat(List.of(old.b, b), 1));
  }

  /** The bank with the weights of one batch. */
  private record Mixture(Map<String, Pair> pairs, Tensor scale) implements Adaptation {
    @Override
    public Tensor adapt(String projection, Tensor x, Tensor output) {
      Pair pair = pairs.get(projection);
      if (pair == null) {
        return output;
      }
      Tensor mixed = torch.linear(x, pair.a).mul(scale);
      // In place: the frozen product is needed nowhere else, and a sum of its own would cost a pass
      // over memory.
      output.view(-1, output.size(2)).addmm_(mixed.view(-1, mixed.size(2)), pair.b.t());
      return output;
    }

    @Override
    public Adaptation select(Tensor rows) {
      return new Mixture(pairs, scale.index_select(0, rows));
    }
  }
}
