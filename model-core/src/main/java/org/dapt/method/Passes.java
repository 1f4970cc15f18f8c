package org.dapt.method;

import java.util.List;

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
