package org.dapt.method.olora;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Projection;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * How far a block's input space is from being orthogonal to those of earlier blocks, summed over
 * projections and earlier blocks; and how large the block is.
 */
public final class Orthogonality implements AutoCloseable {
  private final List<Projection> projections;
  private final LoraBlock newest;

  /** All earlier A of a projection, one below the other: {@code [Σr, in]}. */
  private final Map<String, Tensor> earlier = new HashMap<>();

  /**
   * Of {@code newest}, whose matrices may change.
   *
   * @param older the earlier blocks; there may be none
   */
  public Orthogonality(List<Projection> projections, List<LoraBlock> older, LoraBlock newest) {
    this.projections = projections;
    this.newest = newest;
    if (!older.isEmpty()) {
      try (PointerScope scope = new PointerScope()) {
        for (Projection projection : projections) {
          List<Tensor> all = older.stream().map(block -> block.a(projection.name())).toList();
          earlier.put(projection.name(), Scopes.keep(Tensors.cat(all, 0)));
        }
      }
    }
  }

  /** {@code Σᵢ Σⱼₖ (Aᵢ Aₜᵀ)ⱼₖ²}; null where there is no earlier block. */
  Tensor squared() {
    return sum(Tensor::square);
  }

  /** {@code Σᵢ Σⱼₖ |(Aᵢ Aₜᵀ)ⱼₖ|}; null where there is no earlier block. */
  Tensor absolute() {
    return sum(Tensor::abs);
  }

  /** The Frobenius norms of the block's matrices, added up; its gradient is 0 at a zero matrix. */
  Tensor norm() {
    return newest.tensors().values().stream().map(Tensor::norm).reduce(Tensor::add).orElseThrow();
  }

  private Tensor sum(UnaryOperator<Tensor> size) {
    return projections.stream()
        .filter(projection -> earlier.containsKey(projection.name()))
        .map(
            projection -> {
              Tensor a = newest.a(projection.name());
              return size.apply(torch.linear(a, earlier.get(projection.name()))).sum();
            })
        .reduce(Tensor::add)
        .orElse(null);
  }

  @Override
  public void close() {
    earlier.values().forEach(Scopes::release);
    earlier.clear();
  }
}
