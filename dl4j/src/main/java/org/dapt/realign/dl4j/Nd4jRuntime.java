package org.dapt.realign.dl4j;

import org.dapt.tensor.NativeRuntime;
import org.nd4j.common.config.ND4JSystemProperties;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J in this process, beside libtorch: both compute with the same OpenBLAS. */
final class Nd4jRuntime {
  private static boolean loaded;

  private Nd4jRuntime() {}

  /**
   * Loads ND4J unless that is done already, and keeps it to one thread a task, as libtorch is. Who
   * touches a class of ND4J first calls this.
   *
   * @throws org.dapt.error.ConfigException if its libraries do not run here
   */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    NativeRuntime.loadBeside(
        "ND4J",
        "nd4j-native",
        () -> {
          // It tells about itself on standard output.
          System.setProperty(ND4JSystemProperties.LOG_INITIALIZATION, "false");
          Environment environment = Nd4j.getEnvironment();
          environment.setMaxThreads(1);
          environment.setMaxMasterThreads(1);
        });
    loaded = true;
  }
}
