package org.dapt.pet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Projection;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * All LoRA blocks of a stream, mixed per example: {@code y = W x + Σᵢ wᵢ · sᵢ · Bᵢ Aᵢ x}, with the
 * scale {@code sᵢ} of {@link LoraScale}, which is α/r.
 *
 * <p>The frozen blocks of one projection are kept as one pair, A {@code [Σr, in]} and B {@code
 * [out, Σr]}, so that the mixture costs two matrix products whatever their number: {@code ((x Aᵀ) ⊙
 * s) Bᵀ}, where s holds wᵢ · sᵢ once for each of block i's r columns. The newest block is a pair of
 * its own: in one pair with the others, the backward pass would compute gradients of frozen
 * matrices only to drop them.
 */
public final class LoraBank implements BlockBank {
  /** The stacked matrices of one projection. */
  private record Pair(Tensor a, Tensor b) {}

  private final Placement placement;
  private final List<Projection> projections;
  private final Map<String, Pair> frozen = new HashMap<>();
  private final LoraBlock newest;

  /** One for each way in which the blocks' ranks go together: a single one where all are equal. */
  private final List<RankLayout> layouts = new ArrayList<>();

  /** The place of a projection's layout. */
  private final Map<String, Integer> layoutOf = new HashMap<>();

  /**
   * @param placement of the model
   * @param projections the adapted projections
   * @param blocks frozen blocks, the oldest first
   * @param newest a block whose matrices may require gradients, or null
   * @param alpha α, of the scale α / r
   */
  public LoraBank(
      Placement placement,
      List<Projection> projections,
      List<LoraBlock> blocks,
      LoraBlock newest,
      double alpha) {
    this(placement, projections, blocks, newest, new LoraScale(alpha, false));
  }

  /**
   * @param placement of the model
   * @param projections the adapted projections, of which each block has matrices; their ranks may
   *     differ from block to block and from projection to projection
   * @param blocks frozen blocks, the oldest first
   * @param newest a block whose matrices may require gradients, or null
   * @param scale of the products
   */
  public LoraBank(
      Placement placement,
      List<Projection> projections,
      List<LoraBlock> blocks,
      LoraBlock newest,
      LoraScale scale) {
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
      lay(all, scale);
    } catch (RuntimeException e) {
      // There was no memory for all of them, say: then another attempt needs what was taken.
      close();
      throw e;
    }
  }

  @Override
  public Adaptation mix(Tensor weights) {
    return mix(
        layouts,
        layoutOf,
        layouts.stream().map(layout -> layout.scale(weights, placement)).toList());
  }

  /**
   * The bank mixed with other weights in every projection.
   *
   * @param weights by projection, {@code [batch, blocks]} each, the oldest block first
   */
  public Adaptation mix(Map<String, Tensor> weights) {
    List<RankLayout> ranks = new ArrayList<>();
    Map<String, Integer> places = new HashMap<>();
    List<Tensor> scales = new ArrayList<>();
    for (Projection projection : projections) {
      RankLayout layout = layouts.get(layoutOf.get(projection.name()));
      places.put(projection.name(), ranks.size());
      ranks.add(layout);
      scales.add(layout.scale(weights.get(projection.name()), placement));
    }
    return mix(ranks, places, scales);
  }

  private Adaptation mix(List<RankLayout> ranks, Map<String, Integer> places, List<Tensor> scales) {
    List<Part> parts = new ArrayList<>();
    if (!frozen.isEmpty()) {
      parts.add(new Part(frozen, places, columns(ranks, scales, RankLayout::older)));
    }
    if (newest != null) {
      Map<String, Pair> pairs = new HashMap<>();
      for (Projection projection : projections) {
        pairs.put(projection.name(), stack(List.of(newest), projection.name()));
      }
      parts.add(new Part(pairs, places, columns(ranks, scales, RankLayout::own)));
    }
    return new Mixture(parts);
  }

  private static List<Tensor> columns(
      List<RankLayout> ranks, List<Tensor> scales, BiFunction<RankLayout, Tensor, Tensor> columns) {
    List<Tensor> some = new ArrayList<>();
    for (int i = 0; i < scales.size(); i++) {
      some.add(columns.apply(ranks.get(i), scales.get(i)));
    }
    return some;
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
    layouts.forEach(RankLayout::close);
  }

  private void lay(List<LoraBlock> blocks, LoraScale scale) {
    Map<List<Long>, Integer> known = new HashMap<>();
    for (Projection projection : projections) {
      List<Long> ranks = blocks.stream().map(block -> block.a(projection.name()).size(0)).toList();
      if (!known.containsKey(ranks)) {
        known.put(ranks, layouts.size());
        layouts.add(RankLayout.of(ranks, newest != null, scale, placement));
      }
      layoutOf.put(projection.name(), known.get(ranks));
    }
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
   * @param places of a projection's s
   * @param scales s, {@code [batch, 1, Σr]}, once for all projections that have the same
   */
  private record Part(Map<String, Pair> pairs, Map<String, Integer> places, List<Tensor> scales) {
    Part with(UnaryOperator<Tensor> change) {
      return new Part(pairs, places, scales.stream().map(change).toList());
    }

    /** Adds to {@code output} in place. */
    void add(String projection, Tensor x, Tensor output) {
      Pair pair = pairs.get(projection);
      Tensor scale = scales.get(places.get(projection));
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
      return new Mixture(parts.stream().map(part -> part.with(cut)).toList());
    }

    @Override
    public Adaptation select(Tensor rows) {
      return new Mixture(
          parts.stream().map(part -> part.with(scale -> scale.index_select(0, rows))).toList());
    }
  }
}
