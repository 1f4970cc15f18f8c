package org.dapt.method.gainlora;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.Tensors;

/**
 * Σ p pᵀ over a task's training inputs, of vectors that a gate makes of them.
 *
 * @param widths numbers of their components
 * @param vectors makes them of inputs, each {@code [batch, width]}
 * @param taker takes the sums, {@code [width, width]} each in float64, in this process's memory and
 *     the caller's scope
 */
record LayerMoments(
    List<Integer> widths, Function<Source, List<Tensor>> vectors, Consumer<List<Tensor>> taker)
    implements InputPass {
  @Override
  public Over over() {
    return Over.TRAINING;
  }

  @Override
  public int entries() {
    return widths.stream().mapToInt(width -> Math.multiplyExact(width, width)).sum();
  }

  @Override
  public Tensor of(Source source, List<Example> examples) {
    List<Tensor> sums = new ArrayList<>();
    for (Tensor rows : vectors.apply(source)) {
      Tensor exact = rows.to(ScalarType.Double);
      sums.add(exact.t().matmul(exact).reshape(-1));
    }
    return Tensors.cat(sums, 0);
  }

  @Override
  public void take(Tensor sums) {
    List<Tensor> moments = new ArrayList<>();
    int at = 0;
    for (int width : widths) {
      moments.add(sums.narrow(0, at, (long) width * width).view(width, width));
      at += width * width;
    }
    taker.accept(moments);
  }
}
