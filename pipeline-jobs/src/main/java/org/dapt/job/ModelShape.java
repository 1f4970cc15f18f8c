package org.dapt.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Pattern;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Projection;
import org.dapt.io.ModelFolder;

/** Sizes in a model's configuration, whatever its family calls them. */
final class ModelShape {
  private static final List<String> HEADS = List.of("num_heads", "num_attention_heads");
  private static final List<String> WIDTH = List.of("d_model", "hidden_size");

  private static final String WEIGHT = ".weight";
  private static final Pattern MATRIX = Pattern.compile(".*\\.\\d+\\..*\\.weight");

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

  /**
   * The linear layers that can have a block; of a model from outside that says nothing of them all
   * matrices in numbered layers.
   */
  static List<Projection> projections(ModelFolder model) {
    List<Projection> known = Backbones.projections(model);
    return known.isEmpty()
        ? model.names().stream()
            .filter(name -> MATRIX.matcher(name).matches() && model.info(name).shape().length == 2)
            .map(name -> projection(name.substring(0, name.length() - WEIGHT.length()), model))
            .toList()
        : known;
  }

  private static Projection projection(String module, ModelFolder model) {
    long[] shape = model.info(module + WEIGHT).shape();
    return new Projection(
        module, module.substring(module.lastIndexOf('.') + 1), shape[1], shape[0]);
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
