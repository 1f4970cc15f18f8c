package org.dapt.backbone;

import java.util.Set;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.Placement;

/** Builds backbones of one family; found by {@link java.util.ServiceLoader}. */
public interface BackboneFactory {
  /** The values of {@code model_type} in config.json that this family answers to. */
  Set<String> modelTypes();

  /** The id that ends a target, by {@code config.json} alone. */
  int endToken(ConfigJson config);

  /**
   * Builds the model of {@code folder}; throws {@link org.dapt.error.InputException} where it
   * cannot.
   */
  Backbone load(ModelFolder folder, Placement placement);
}
