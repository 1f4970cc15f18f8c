package org.dapt.config;

import java.util.List;
import java.util.Locale;
import org.dapt.models.ModelSource;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;

/**
 * The pre-trained model.
 *
 * @param path folder of the model, absolute or with a scheme
 * @param dtype type of the frozen weights: {@code float32}, {@code bfloat16} or {@code float64}
 */
public record ModelSettings(String path, String dtype) {
  // Not asked of ComputeType: a configuration is checked without the native library.
  static final List<String> DTYPES = List.of("float32", "bfloat16", "float64");

  /** Where executors find the model. */
  public ModelSource source() {
    ComputeType type = ComputeType.valueOf(dtype.toUpperCase(Locale.ROOT));
    return new ModelSource(path, Placement.cpu(type));
  }

  static ModelSettings read(SettingReader in) {
    return new ModelSettings(in.path("model.path"), in.choice("model.dtype", DTYPES));
  }
}
