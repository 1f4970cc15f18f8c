package org.dapt.app;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.io.ModelFolder;
import org.dapt.job.ModelShape;
import org.dapt.models.Models;

/**
 * The base model of a configuration, as far as its shape tells.
 *
 * @param shape of the model, or of that which is to be there
 * @param isThere whether its folder exists
 */
record BaseModel(ModelShape shape, boolean isThere) {
  /**
   * The model in {@code model.path} or, where there is none yet, that of {@code model.shape}.
   *
   * @throws org.dapt.error.InputException if there is none, or it cannot be read
   */
  static BaseModel of(DaptConfig config, Configuration hadoop) {
    boolean isThere = !isOnPaper(config, hadoop);
    try (ModelFolder folder =
        isThere
            ? Models.open(config.model().path(), hadoop)
            : ModelFolder.withoutWeights(Path.of(config.model().shape()))) {
      return new BaseModel(ModelShape.of(folder), isThere);
    }
  }

  /**
   * Whether there is no model yet, but its shape.
   *
   * @throws ConfigException if the shape is not a file of this machine
   */
  static boolean isOnPaper(DaptConfig config, Configuration hadoop) {
    String shape = config.model().shape();
    if (shape == null || Models.exists(config.model().path(), hadoop)) {
      return false;
    }
    if (shape.indexOf(':') > 1) {
      throw new ConfigException(
          "model.shape is %s, expected a config.json on this machine.".formatted(shape));
    }
    return true;
  }

  /** In a few words. */
  String text() {
    return "%s, %d tensors".formatted(shape.family(), shape.tensors().size());
  }
}
