package org.dapt.tensor;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Life time of native memory. Everything that a step creates lives in a {@link
 * org.bytedeco.javacpp.PointerScope} and is freed when the scope closes; what lives longer is kept
 * explicitly.
 */
public final class Scopes {
  private Scopes() {}

  /**
   * Keeps {@code pointer} alive beyond the scopes that are open now, until {@link
   * #release(Pointer)}.
   */
  public static <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    return pointer;
  }

  /** Gives up one {@link #keep(Pointer)}; null and already released pointers are left alone. */
  public static void release(Pointer pointer) {
    if (pointer != null && !pointer.isNull()) {
      pointer.releaseReference();
    }
  }

  /**
   * Runs {@code body} in a scope of its own and hands its result to the enclosing scope, so that
   * the intermediate values of a function do not outlive it. Without an enclosing scope the result
   * is kept.
   */
  public static <P extends Pointer> P inScope(Supplier<P> body) {
    P result;
    try (PointerScope scope = new PointerScope()) {
      result = keep(body.get());
    }
    PointerScope outer = PointerScope.getInnerScope();
    if (outer != null) {
      outer.attach(result);
      release(result);
    }
    return result;
  }
}
