package org.dapt.backbone;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.Placement;
import org.dapt.tokenizer.TokenRules;

/** Builds backbones of one family; found by {@link java.util.ServiceLoader}. */
public interface BackboneFactory {
  /** The values of {@code model_type} in config.json that this family answers to. */
  Set<String> modelTypes();

  /** What the model asks of the ids of its texts, by {@code config.json} alone. */
  TokenRules tokenRules(ConfigJson config);

  /** The same with what {@code generation_config.json} adds, where the family reads it. */
  default TokenRules tokenRules(ConfigJson config, ConfigJson generation) {
    return tokenRules(config);
  }

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
   * The shapes of the tensors of the model that the configuration of {@code folder} describes, by
   * name, whether the folder has weights or not; empty where they are known of weights alone.
   */
  default SortedMap<String, long[]> shapes(ModelFolder folder) {
    return Collections.emptySortedMap();
  }

  /**
   * Builds the model of {@code folder}; throws {@link org.dapt.error.InputException} where it
   * cannot.
   */
  Backbone load(ModelFolder folder, Placement placement);
}
