package org.dapt.backbone;

import java.util.function.UnaryOperator;
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

  @Override
  default Recomputation recomputation() {
    return inner().recomputation();
  }

  /** The inner one has to be cut, too. */
  @Override
  Adaptation cut(UnaryOperator<Tensor> cut);

  /** The inner one has to be selected from, too: each says how. */
  @Override
  Adaptation select(Tensor rows);
}
