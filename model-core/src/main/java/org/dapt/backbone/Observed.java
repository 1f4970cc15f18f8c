package org.dapt.backbone;

import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Another adaptation with a look at what goes through some projections: the features that a method
 * gathers in a pass over inputs. Where there is padding, its positions are among them. What is seen
 * belongs to the scope in which this was made, while a backbone frees what it needs no more layer
 * by layer.
 *
 * @param inner the adaptation
 * @param projections names of those that are looked at
 * @param observer sees each of them when it is applied
 */
public record Observed(Adaptation inner, Set<String> projections, Observer observer)
    implements WrappedAdaptation {
  public Observed {
    observer = keeping(PointerScope.getInnerScope(), observer);
  }

  private static Observer keeping(PointerScope scope, Observer observer) {
    return scope == null
        ? observer
        : (projection, x, output) -> {
          scope.attach(x);
          scope.attach(output);
          observer.see(projection, x, output);
        };
  }

  /** Sees what goes through a projection; it changes neither tensor. */
  @FunctionalInterface
  public interface Observer {
    /**
     * Sees one projection of one pass.
     *
     * @param projection the projection's name
     * @param x its input {@code [batch, tokens, in]}
     * @param output what the inner adaptation made of its frozen output, {@code [batch, tokens,
     *     out]}
     */
    void see(String projection, Tensor x, Tensor output);
  }

  @Override
  public Tensor adapt(String projection, Tensor x, Tensor output) {
    Tensor adapted = inner.adapt(projection, x, output);
    if (projections.contains(projection)) {
      observer.see(projection, x, adapted);
    }
    return adapted;
  }

  /** Products of what is looked at are computed as they are defined. */
  @Override
  public Effect effect(String projection) {
    return projections.contains(projection) ? Effect.ANY : inner.effect(projection);
  }

  @Override
  public Adaptation cut(UnaryOperator<Tensor> cut) {
    return new Observed(inner.cut(cut), projections, observer);
  }

  @Override
  public Adaptation select(Tensor rows) {
    return new Observed(inner.select(rows), projections, observer);
  }
}
