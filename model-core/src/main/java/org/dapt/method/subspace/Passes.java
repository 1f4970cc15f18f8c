package org.dapt.method.subspace;

import java.util.List;
import org.dapt.method.InputPass;

/** Several passes as one. */
public final class Passes {
  private Passes() {}

  /** The passes one after the other, each with none behind it; null where there are none. */
  public static InputPass inTurn(List<InputPass> passes) {
    return passes.isEmpty()
        ? null
        : new PassChain(passes.get(0), List.copyOf(passes.subList(1, passes.size())));
  }
}
