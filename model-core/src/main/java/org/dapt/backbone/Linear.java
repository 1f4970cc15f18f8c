package org.dapt.backbone;

import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Products;

/**
 * A frozen linear layer without bias that a method may adapt.
 *
 * @param name the module's path
 * @param weight {@code [out, in]}; null where weights are not read
 * @param out number of outputs
 * @param in number of inputs
 */
public record Linear(String name, Tensor weight, long out, long in) {
  /** The layer whose matrix is the weight {@code name.weight}, {@code [out, in]}. */
  public static Linear load(Weights weights, String name, long out, long in) {
    return new Linear(name, weights.get(name + ".weight", out, in), out, in);
  }

  /** W x and what {@code adaptation} makes of it: {@code [.., tokens, in] → [.., tokens, out]}. */
  public Tensor apply(Tensor x, Adaptation adaptation) {
    return adaptation.adapt(name, x, Products.linear(x, weight));
  }

  /** What a method needs to know of this layer. */
  public Projection projection() {
    return new Projection(name, name.substring(name.lastIndexOf('.') + 1), in, out);
  }
}
