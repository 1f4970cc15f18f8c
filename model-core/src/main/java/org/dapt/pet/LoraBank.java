package org.dapt.pet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Projection;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * All LoRA blocks of a stream, mixed per example: {@code y = W x + Σᵢ wᵢ · (α/r) · Bᵢ Aᵢ x}.
 *
 * <p>The frozen blocks of one projection are kept as one pair, A {@code [Σr, in]} and B {@code
 * [out, Σr]}, so that the mixture costs two matrix products whatever their number: {@code ((x Aᵀ) ⊙
 * s) Bᵀ}, where s holds wᵢ · α/r once for each of block i's r columns. The newest block is a pair
 * of its own: in one pair with the others, the backward pass would compute gradients of frozen
 * matrices only to drop them.
 */
public final class LoraBank implements BlockBank {
  /** The stacked matrices of one projection. */
  private record Pair(Tensor a, Tensor b) {}

  private final Placement placement;
  private final List<Projection> projections;
  private final Map<String, Pair> frozen = new HashMap<>();
  private final LoraBlock newest;
  private final Tensor spread;

  /**
   * @param placement of the model
   * @param projections the adapted projections
   * @param blocks frozen blocks, the oldest first
   * @param newest a block whose matrices may require gradients, or null
   * @param alpha α
   */
  public LoraBank(
      Placement placement,
      List<Projection> projections,
      List<LoraBlock> blocks,
      LoraBlock newest,
      double alpha) {
    this.placement = placement;
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
    Tensor scale = weights.matmul(spread).to(placement.scalar()).unsqueeze(1);
    List<Part> parts = new ArrayList<>();
    long own = newest == null ? 0 : newest.a(projections.get(0).name()).size(0);
    long older = scale.size(2) - own;
    if (older > 0) {
      parts.add(new Part(frozen, own == 0 ? scale : scale.narrow(2, 0, older)));
    }
    if (newest != null) {
      Map<String, Pair> pairs = new HashMap<>();
      for (Projection projection : projections) {
        pairs.put(projection.name(), stack(List.of(newest), projection.name()));
      }
      parts.add(new Part(pairs, older == 0 ? scale : scale.narrow(2, older, own)));
    }
    return new Mixture(parts);
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
    Tensor rows = placement.zeros(placement.learnt(), blocks.size(), columns);
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
    return new Pair(joined(a, 0), joined(b, 1));
  }

  private Tensor joined(List<Tensor> tensors, long dimension) {
    Tensor all = tensors.size() == 1 ? tensors.get(0) : Tensors.cat(tensors, dimension);
    return all.to(placement.scalar());
  }

  /**
   * Blocks that go through the matrix products together, with the weights of one batch.
   *
   * @param pairs by projection
   * @param scale s, {@code [batch, 1, Σr]}
   */
  private record Part(Map<String, Pair> pairs, Tensor scale) {
    /** Adds to {@code output} in place. */
    void add(String projection, Tensor x, Tensor output) {
      Pair pair = pairs.get(projection);
      Tensor mixed = torch.linear(x, pair.a).mul(scale);
      // In place: the frozen product is needed nowhere else, and a sum of its own would cost a pass
      // over memory.
      output.view(-1, output.size(2)).addmm_(mixed.view(-1, mixed.size(2)), pair.b.t());
    }
  }

  /** The bank with the weights of one batch. */
  private record Mixture(List<Part> parts) implements Adaptation {
    @Override
    public Tensor adapt(String projection, Tensor x, Tensor output) {
      if (parts.get(0).pairs.containsKey(projection)) {
        parts.forEach(part -> part.add(projection, x, output));
      }
      return output;
    }

    @Override
    public Effect effect(String projection) {
      return parts.get(0).pairs.containsKey(projection) ? Effect.LINEAR : Effect.NONE;
    }

    /** A projection's matrices are used in one layer only; the scale is in all of them. */
    @Override
    public Adaptation cut(UnaryOperator<Tensor> cut) {
      return new Mixture(
          parts.stream().map(part -> new Part(part.pairs, cut.apply(part.scale))).toList());
    }

    @Override
    public Adaptation select(Tensor rows) {
      return new Mixture(
          parts.stream()
              .map(part -> new Part(part.pairs, part.scale.index_select(0, rows)))
              .toList());
    }
  }
}
