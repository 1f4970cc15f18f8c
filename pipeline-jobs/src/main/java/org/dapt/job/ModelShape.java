package org.dapt.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.dapt.io.ModelFolder;

/** Sizes in a model's configuration, whatever its family calls them. */
final class ModelShape {
  private static final List<String> HEADS = List.of("num_heads", "num_attention_heads");
  private static final List<String> WIDTH = List.of("d_model", "hidden_size");

  private ModelShape() {}

  /** Rows of the embedding. */
  static long vocabulary(ModelFolder model) {
    return first(model.config(), List.of("vocab_size"));
  }

  /** Heads of an attention. */
  static long heads(ModelFolder model) {
    return first(model.config(), HEADS);
  }

  /** Components of a token's state. */
  static long width(ModelFolder model) {
    return first(model.config(), WIDTH);
  }

  /** 0 where a model from outside names it otherwise: an estimate is then too low. */
  private static long first(JsonNode config, List<String> names) {
    return names.stream()
        .filter(config::has)
        .mapToLong(name -> config.get(name).asLong())
        .findFirst()
        .orElse(0);
  }
}
