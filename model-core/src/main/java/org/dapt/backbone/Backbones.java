package org.dapt.backbone;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.ModelFiles;
import org.dapt.io.ModelFolder;
import org.dapt.service.Services;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tensor.Placement;
import org.dapt.tokenizer.TokenRules;

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
   * Throws what {@link #load} would throw, as far as the configuration and the headers of the
   * weight files tell: neither a weight nor libtorch is loaded.
   *
   * @throws InputException as {@link #load}
   */
  public static void check(ModelFolder model) {
    factory(model.config(), model.configFile()).check(model);
  }

  /**
   * The linear layers that a method may adapt, of a model that passes {@link #check}; no weight is
   * read. Empty where they are known of a loaded model alone.
   */
  public static List<Projection> projections(ModelFolder model) {
    return factory(model.config(), model.configFile()).projections(model);
  }

  /**
   * The shapes of the tensors of {@code model} by name: those of its weights or, where there are
   * none, those that its configuration asks for; empty where nobody knows them then.
   */
  public static SortedMap<String, long[]> shapes(ModelFolder model) {
    if (!model.hasWeights()) {
      return factory(model.config(), model.configFile()).shapes(model);
    }
    SortedMap<String, long[]> shapes = new TreeMap<>();
    model.names().forEach(name -> shapes.put(name, model.info(name).shape()));
    return shapes;
  }

  /**
   * What the model that {@code config} describes asks of the ids of its texts.
   *
   * @param file where it was read from, for messages
   * @throws InputException where the architecture is unknown, or a value is wrong
   */
  public static TokenRules tokenRules(JsonNode config, String file) {
    return factory(config, file).tokenRules(new ConfigJson(config, file));
  }

  /**
   * The same of a folder, of which no weight is looked at, with the further end tokens of its
   * {@code generation_config.json}.
   *
   * @throws InputException as {@link #tokenRules(JsonNode, String)}
   */
  public static TokenRules tokenRules(ModelFiles files) {
    JsonNode json = ModelFolder.config(files);
    String file = files.shown(ModelFolder.CONFIG);
    ConfigJson config = new ConfigJson(json, file);
    BackboneFactory factory = factory(json, file);
    return ModelFolder.optional(files, ModelFolder.GENERATION)
        .map(
            node ->
                factory.tokenRules(
                    config, new ConfigJson(node, files.shown(ModelFolder.GENERATION))))
        .orElseGet(() -> factory.tokenRules(config));
  }

  /**
   * Whether the layers of the model that {@code config} describes have a dropout of their own.
   *
   * @param file where it was read from, for messages
   * @throws InputException where the architecture is unknown
   */
  public static boolean dropsOut(JsonNode config, String file) {
    return factory(config, file).dropsOut();
  }

  private static BackboneFactory factory(JsonNode config, String file) {
    Services<BackboneFactory> factories =
        Services.ofMany(BackboneFactory.class, BackboneFactory::modelTypes);
    String found = new ConfigJson(config, file).text("model_type", "");
    return factories
        .find(found)
        .orElseThrow(
            () ->
                new InputException(
                    "%s: model_type is %s; known are %s"
                        .formatted(
                            file,
                            found.isEmpty() ? "missing" : "'" + Shown.of(found) + "'",
                            String.join(", ", factories.names()))));
  }
}
