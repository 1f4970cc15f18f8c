package org.dapt.config;

import org.dapt.config.read.SettingReader;
import org.dapt.models.ModelSource;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;

/**
 * The pre-trained model.
 *
 * @param path folder of the model, absolute or with a scheme
 * @param dtype type of the frozen weights
 */
public record ModelSettings(String path, ComputeType dtype) {
  /** Where executors find the model. */
  public ModelSource source() {
    return new ModelSource(path, Placement.cpu(dtype));
  }

  static ModelSettings read(SettingReader in) {
    return new ModelSettings(in.path("model.path"), in.choice("model.dtype", ComputeType.class));
  }
}
