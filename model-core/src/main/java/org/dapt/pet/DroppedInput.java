package org.dapt.pet;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Projection;
import org.dapt.backbone.WrappedAdaptation;
import org.dapt.tensor.Placement;

/**
 * Dropout on what a LoRA block sees of a projection's input; the frozen product keeps all of it.
 * What is kept is divided by the probability of keeping it.
 *
 * <p>All tokens of an example lose the same components (Gal and Ghahramani 2016): the draw is a
 * function of the example's own generator, so it depends neither on the batch nor on its padding.
 */
public final class DroppedInput implements WrappedAdaptation {
  private final Adaptation inner;
  private final Map<String, Tensor> kept;

  private DroppedInput(Adaptation inner, Map<String, Tensor> kept) {
    this.inner = inner;
    this.kept = kept;
  }

  /**
   * {@code inner} behind a dropout.
   *
   * @param rate probability of dropping a component, at least 0 and below 1
   * @param generators one for each example
   * @param placement of the model
   */
  public static Adaptation of(
      Adaptation inner,
      List<Projection> projections,
      double rate,
      List<? extends RandomGenerator> generators,
      Placement placement) {
    if (rate == 0) {
      return inner;
    }
    Map<String, Tensor> kept = new HashMap<>();
    for (Projection projection : projections) {
      int width = Math.toIntExact(projection.in());
      float[] factors = new float[generators.size() * width];
      for (int example = 0; example < generators.size(); example++) {
        for (int i = 0; i < width; i++) {
          boolean dropped = generators.get(example).nextDouble() < rate;
          factors[example * width + i] = dropped ? 0 : (float) (1 / (1 - rate));
        }
      }
      kept.put(
          projection.name(),
          placement.of(placement.scalar(), factors, generators.size(), 1, width));
    }
    return new DroppedInput(inner, kept);
  }

  @Override
  public Tensor adapt(String projection, Tensor x, Tensor output) {
    Tensor factors = kept.get(projection);
    return inner.adapt(projection, factors == null ? x : x.mul(factors), output);
  }

  @Override
  public Adaptation inner() {
    return inner;
  }

  @Override
  public Adaptation select(Tensor rows) {
    Map<String, Tensor> selected = new HashMap<>();
    kept.forEach((name, factors) -> selected.put(name, factors.index_select(0, rows)));
    return new DroppedInput(inner.select(rows), selected);
  }
}
