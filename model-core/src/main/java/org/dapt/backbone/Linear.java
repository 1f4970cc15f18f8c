package org.dapt.backbone;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A frozen linear layer without bias that a method may adapt.
 *
 * @param name the module's path
 * @param weight {@code [out, in]}
 */
public record Linear(String name, Tensor weight) {
  /**
   * W x and what {@code adaptation} makes of it: {@code [batch, tokens, in] → [batch, tokens,
   * out]}.
   */
  public Tensor apply(Tensor x, Adaptation adaptation) {
    // Flat, since the adaptation may add in place: what is added in place to a view makes the
    // backward pass copy the gradient of the whole output.
    Tensor flat = torch.linear(x.reshape(-1, x.size(2)), weight);
    return adaptation.adapt(name, x, flat).view(x.size(0), x.size(1), weight.size(0));
  }

  /** What a method needs to know of this layer. */
  public Projection projection() {
    return new Projection(
        name, name.substring(name.lastIndexOf('.') + 1), weight.size(1), weight.size(0));
  }
}
