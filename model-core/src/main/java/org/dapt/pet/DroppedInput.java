package org.dapt.pet;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
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
    int examples = generators.size();
    long widths = projections.stream().mapToLong(Projection::in).sum();
    float[] factors = new float[Math.toIntExact(examples * widths)];
    int at = 0;
    for (Projection projection : projections) {
      for (RandomGenerator generator : generators) {
        for (int i = 0; i < projection.in(); i++) {
          factors[at++] = generator.nextDouble() < rate ? 0 : (float) (1 / (1 - rate));
        }
      }
    }
    // One copy to the device for all projections.
    Tensor all = placement.of(placement.scalar(), factors, factors.length);
    Map<String, Tensor> kept = new HashMap<>();
    long from = 0;
    for (Projection projection : projections) {
      long length = examples * projection.in();
      kept.put(projection.name(), all.narrow(0, from, length).view(examples, 1, projection.in()));
      from += length;
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
  public Adaptation cut(UnaryOperator<Tensor> cut) {
    return new DroppedInput(inner.cut(cut), kept);
  }

  @Override
  public Adaptation select(Tensor rows) {
    Map<String, Tensor> selected = new HashMap<>();
    kept.forEach((name, factors) -> selected.put(name, factors.index_select(0, rows)));
    return new DroppedInput(inner.select(rows), selected);
  }
}
