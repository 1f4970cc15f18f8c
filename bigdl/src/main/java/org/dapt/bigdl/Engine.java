package org.dapt.bigdl;

import com.intel.analytics.bigdl.dllib.utils.Engine$;

/** BigDL's engine in this process: threads that convert numbers, and MKL, which it asks for. */
final class Engine {
  private static boolean started;

  private Engine() {}

  /**
   * Starts it with one thread, once. Engine.init would do so for masters alone that it knows.
   *
   * @throws LinkageError if BigDL, its natives or MLlib are not there
   */
  static synchronized void start() {
    if (!started) {
      Engine$.MODULE$.setNodeAndCore(1, 1);
      started = true;
    }
  }
}
