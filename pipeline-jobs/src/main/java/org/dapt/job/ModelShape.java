package org.dapt.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Projection;
import org.dapt.io.ModelFolder;

/**
 * A model as far as shapes tell, whatever its family calls its sizes. Its weights need not be
 * there.
 *
 * @param config its {@code config.json}
 * @param tensors the shapes of its tensors by name
 * @param projections the linear layers that can have a block; of a model from outside that says
 *     nothing of them all matrices in numbered layers
 */
public record ModelShape(
    JsonNode config, SortedMap<String, long[]> tensors, List<Projection> projections) {
  private static final List<String> HEADS = List.of("num_heads", "num_attention_heads");
  private static final List<String> WIDTH = List.of("d_model", "hidden_size");

  private static final String WEIGHT = ".weight";
  private static final Pattern MATRIX = Pattern.compile(".*\\.\\d+\\..*\\.weight");

  /** That of {@code model}, with or without weights. */
  public static ModelShape of(ModelFolder model) {
    SortedMap<String, long[]> tensors = Backbones.shapes(model);
    List<Projection> known = Backbones.projections(model);
    return new ModelShape(
        model.config(),
        tensors,
        known.isEmpty()
            ? tensors.keySet().stream()
                .filter(name -> MATRIX.matcher(name).matches() && tensors.get(name).length == 2)
                .map(name -> projection(name, tensors.get(name)))
                .toList()
            : known);
  }

  /** The value of {@code model_type}. */
  public String family() {
    return config.path("model_type").asText();
  }

  /** How many numbers its tensors hold. */
  public long parameters() {
    return tensors.values().stream()
        .mapToLong(shape -> Arrays.stream(shape).reduce(1, (x, y) -> x * y))
        .sum();
  }

  /** Components of a token's state. */
  public long width() {
    return first(WIDTH);
  }

  /** Rows of the embedding. */
  public long vocabulary() {
    return first(List.of("vocab_size"));
  }

  /** Heads of an attention. */
  long heads() {
    return first(HEADS);
  }

  /** Whether a stack of its own reads the source. */
  public boolean encodes() {
    return tensors.keySet().stream().anyMatch(name -> name.startsWith("encoder."));
  }

  private static Projection projection(String name, long[] shape) {
    String module = name.substring(0, name.length() - WEIGHT.length());
    return new Projection(
        module, module.substring(module.lastIndexOf('.') + 1), shape[1], shape[0]);
  }

  /** 0 where a model from outside names it otherwise: an estimate is then too low. */
  private long first(List<String> names) {
    return names.stream()
        .filter(config::has)
        .mapToLong(name -> config.get(name).asLong())
        .findFirst()
        .orElse(0);
  }
}
