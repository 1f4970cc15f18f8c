package org.dapt.backbone;

import java.util.List;
import java.util.Set;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.Placement;
import org.dapt.tokenizer.TokenRules;

/** Builds backbones of one family; found by {@link java.util.ServiceLoader}. */
public interface BackboneFactory {
  /** The values of {@code model_type} in config.json that this family answers to. */
  Set<String> modelTypes();

  /** What the model asks of the ids of its texts, by {@code config.json} alone. */
  TokenRules tokenRules(ConfigJson config);

  /** Whether its layers drop what {@link Adaptation#dropout} says. */
  default boolean dropsOut() {
    return false;
  }

  /**
   * Throws what {@link #load} would throw of {@code folder}, as far as configuration and names,
   * types and shapes of tensors tell. No weight is read.
   */
  void check(ModelFolder folder);

  /**
   * The {@link Backbone#projections} of the model of {@code folder}, which passes {@link #check},
   * without reading a weight; empty where they are known of a loaded model alone.
   */
  default List<Projection> projections(ModelFolder folder) {
    return List.of();
  }

  /**
   * Builds the model of {@code folder}; throws {@link org.dapt.error.InputException} where it
   * cannot.
   */
  Backbone load(ModelFolder folder, Placement placement);
}
