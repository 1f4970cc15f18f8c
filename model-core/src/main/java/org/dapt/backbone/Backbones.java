package org.dapt.backbone;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tensor.Placement;

/** Builds the backbone that a model folder describes. */
public final class Backbones {
  private Backbones() {}

  /**
   * Loads the model of {@code folder}.
   *
   * @throws InputException where the folder is incomplete, its architecture is unknown or its
   *     weights do not fit
   */
  public static Backbone load(Path folder, Placement placement) {
    try (ModelFolder model = ModelFolder.open(folder)) {
      return load(model, placement);
    }
  }

  /** Loads an opened model folder, which is no longer needed afterwards. */
  public static Backbone load(ModelFolder model, Placement placement) {
    NativeRuntime.load();
    return factory(model.config(), model.configFile()).load(model, placement);
  }

  /**
   * The id that ends a target of the model that {@code config} describes.
   *
   * @param file where it was read from, for messages
   * @throws InputException where the architecture is unknown
   */
  public static int endToken(JsonNode config, Path file) {
    return factory(config, file).endToken(new ConfigJson(config, file));
  }

  private static BackboneFactory factory(JsonNode config, Path file) {
    List<BackboneFactory> factories =
        StreamSupport.stream(
                ServiceLoader.load(BackboneFactory.class, Backbones.class.getClassLoader())
                    .spliterator(),
                false)
            .toList();
    String found = new ConfigJson(config, file).text("model_type", "");
    return factories.stream()
        .filter(factory -> factory.modelTypes().contains(found))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    file
                        + ": model_type is "
                        + (found.isEmpty() ? "missing" : "'" + Shown.of(found) + "'")
                        + "; known are "
                        + factories.stream()
                            .flatMap(factory -> factory.modelTypes().stream())
                            .sorted()
                            .collect(Collectors.joining(", "))));
  }
}
