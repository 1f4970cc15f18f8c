package org.dapt.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.ModelFolder;
import org.dapt.models.Models;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Device;
import org.dapt.tensor.Placement;

/**
 * The model to be measured: a folder with weights, or a configuration, to which random weights are
 * drawn.
 *
 * @param config a config.json, or null
 * @param folder a model folder, or null: exactly one of the two is given
 * @param device that computes
 */
public record BenchModel(Path config, Path folder, Device device) {
  private static final Map<String, ComputeType> TYPES =
      Map.of(
          "fp32", ComputeType.FLOAT32,
          "float32", ComputeType.FLOAT32,
          "bf16", ComputeType.BFLOAT16,
          "bfloat16", ComputeType.BFLOAT16,
          "float64", ComputeType.FLOAT64);

  /**
   * Checks that exactly one is given.
   *
   * @throws ConfigException where it is not
   */
  public BenchModel {
    if ((config == null) == (folder == null)) {
      throw new ConfigException(
          (config == null ? "Neither" : "Both")
              + " --model-config "
              + (config == null ? "nor" : "and")
              + " --model given, expected one of them: a config.json for random weights, or a model"
              + " folder.");
    }
  }

  /** The type that {@code text} names, as in a configuration or in short. */
  public static ComputeType type(String text) {
    ComputeType type = TYPES.get(text);
    if (type == null) {
      throw new ConfigException(
          "--dtype is '" + text + "', expected fp32 (float32), bf16 (bfloat16) or float64.");
    }
    return type;
  }

  /**
   * Loads the model.
   *
   * @throws ConfigException if this process cannot compute on the device
   */
  Backbone load(ComputeType type) {
    device.require("--device");
    if (folder != null) {
      return Models.load(folder.toString(), new Placement(device, type), new Configuration(false));
    }
    if (!Files.isRegularFile(config)) {
      throw new InputException(
          "--model-config " + config + " does not exist: expected the config.json of a model.");
    }
    try (ModelFolder model = ModelFolder.withoutWeights(config)) {
      return Backbones.load(model, new Placement(device, type));
    }
  }

  /** How settings name it. */
  String name() {
    return (folder == null ? config : folder).toString();
  }
}
