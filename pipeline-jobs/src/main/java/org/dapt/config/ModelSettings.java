package org.dapt.config;

import org.dapt.config.read.SettingReader;
import org.dapt.tensor.ComputeType;

/**
 * The pre-trained model.
 *
 * @param path folder of the model, absolute or with a scheme
 * @param dtype type of the frozen weights
 */
public record ModelSettings(String path, ComputeType dtype) {
  static ModelSettings read(SettingReader in) {
    return new ModelSettings(in.path("model.path"), in.choice("model.dtype", ComputeType.class));
  }
}
