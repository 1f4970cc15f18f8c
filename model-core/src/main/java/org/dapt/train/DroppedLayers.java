package org.dapt.train;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.WrappedAdaptation;
import org.dapt.method.Example;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * An adaptation over layers with dropout, for one pass over a batch: what is kept is divided by the
 * probability of keeping it. Every example draws for its own positions from its own generator,
 * place after place; padding is left as it is.
 *
 * @param generators one for each example
 * @param placement of the model
 */
record DroppedLayers(
    Adaptation inner,
    double rate,
    List<Example> examples,
    List<Generator> generators,
    Placement placement)
    implements WrappedAdaptation, LayerDropout {
  @Override
  public Tensor states(Tensor states, Positions positions) {
    return states.mul(
        factors(states, example -> new long[] {length(example, positions), states.size(2)}));
  }

  @Override
  public Tensor weights(Tensor weights, Positions queries, Positions keys) {
    return weights.mul(
        factors(
            weights,
            example ->
                new long[] {weights.size(1), length(example, queries), length(example, keys)}));
  }

  private long length(Example example, Positions positions) {
    if (positions == Positions.TARGET) {
      return example.target().length;
    }
    Tensor prefix = inner.prefix();
    return example.source().length + (prefix == null ? 0 : prefix.size(1));
  }

  /** The extents of an example in a tensor of a batch, without the first dimension. */
  private interface Extents {
    long[] of(Example example);
  }

  /** 0 or 1 / (1 - rate) within the extents of each example, 1 elsewhere; shaped as {@code x}. */
  private Tensor factors(Tensor x, Extents extents) {
    return Scopes.inScope(
        () -> {
          try (NoGradGuard guard = new NoGradGuard()) {
            Placement host = placement.host();
            Tensor all = host.ones(placement.scalar(), Tensors.shape(x));
            for (int i = 0; i < examples.size(); i++) {
              try (PointerScope scope = new PointerScope()) {
                long[] shape = extents.of(examples.get(i));
                Tensor own = host.zeros(placement.scalar(), shape);
                own.bernoulli_(1 - rate, new GeneratorOptional(generators.get(i)));
                Tensor place = all.select(0, i);
                for (int dimension = 0; dimension < shape.length; dimension++) {
                  place = place.narrow(dimension, 0, shape[dimension]);
                }
                place.copy_(own.div_(new Scalar(1 - rate)));
              }
            }
            return placement.placed(all);
          }
        });
  }

  @Override
  public Runnable again() {
    List<Tensor> states = generators.stream().map(Generator::get_state).toList();
    return () -> {
      for (int i = 0; i < states.size(); i++) {
        generators.get(i).set_state(states.get(i));
      }
    };
  }

  @Override
  public Adaptation cut(UnaryOperator<Tensor> cut) {
    return new DroppedLayers(inner.cut(cut), rate, examples, generators, placement);
  }

  @Override
  public LayerDropout dropout() {
    return this;
  }

  @Override
  public Adaptation select(Tensor rows) {
    int[] kept = Arrays.stream(Tensors.toLongs(rows)).mapToInt(Math::toIntExact).toArray();
    return new DroppedLayers(
        inner.select(rows),
        rate,
        IntStream.of(kept).mapToObj(examples::get).toList(),
        IntStream.of(kept).mapToObj(generators::get).toList(),
        placement);
  }
}
