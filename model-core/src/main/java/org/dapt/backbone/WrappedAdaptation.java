package org.dapt.backbone;

import org.bytedeco.pytorch.Tensor;

/** An adaptation around another one, which decides what this one leaves as it is. */
public interface WrappedAdaptation extends Adaptation {
  /** The other one. */
  Adaptation inner();

  @Override
  default Tensor adapt(String projection, Tensor x, Tensor output) {
    return inner().adapt(projection, x, output);
  }

  @Override
  default Effect effect(String projection) {
    return inner().effect(projection);
  }

  @Override
  default Tensor prefix() {
    return inner().prefix();
  }

  @Override
  default LayerDropout dropout() {
    return inner().dropout();
  }

  /** The inner one has to be selected from, too: each says how. */
  @Override
  Adaptation select(Tensor rows);
}
