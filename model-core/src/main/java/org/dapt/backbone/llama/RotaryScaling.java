package org.dapt.backbone.llama;

import com.fasterxml.jackson.databind.JsonNode;
import org.dapt.backbone.ConfigJson;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The frequencies of the rotary position embedding: pair i of a head turns by θ^(−2i/size) per
 * position. Llama 3.1 stretches the slow ones for longer contexts: wave lengths beyond {@code
 * original / low} by {@code factor}, those below {@code original / high} not at all, and those
 * between by a linear mixture.
 *
 * @param theta base θ
 * @param kind whether and how frequencies are scaled
 * @param factor by which they are divided; 1 for {@link Kind#NONE}
 * @param low bound of the long wave lengths; {@link Kind#LLAMA3} only
 * @param high bound of the short wave lengths; {@link Kind#LLAMA3} only
 * @param original context length before scaling; {@link Kind#LLAMA3} only
 */
record RotaryScaling(
    double theta, Kind kind, double factor, double low, double high, double original) {
  enum Kind {
    NONE,
    LINEAR,
    LLAMA3
  }

  private static final double THETA = 10_000;

  /** Reads {@code rope_parameters}, or {@code rope_theta} and {@code rope_scaling}. */
  static RotaryScaling parse(JsonNode json, String file) {
    boolean together = json.path("rope_parameters").isObject();
    JsonNode scaling = json.path(together ? "rope_parameters" : "rope_scaling");
    ConfigJson values = new ConfigJson(scaling, file);
    double theta =
        (together && scaling.hasNonNull("rope_theta") ? values : new ConfigJson(json, file))
            .real("rope_theta", THETA);
    if (values.real("partial_rotary_factor", 1) != 1) {
      throw new InputException(
          file
              + ": partial_rotary_factor is not 1; no Llama model turns a part of its heads only.");
    }
    String type = values.text("rope_type", values.text("type", "default"));
    return switch (type) {
      case "default" -> new RotaryScaling(theta, Kind.NONE, 1, 0, 0, 0);
      case "linear" ->
          new RotaryScaling(theta, Kind.LINEAR, required(scaling, file, "factor"), 0, 0, 0);
      case "llama3" ->
          new RotaryScaling(
              theta,
              Kind.LLAMA3,
              required(scaling, file, "factor"),
              required(scaling, file, "low_freq_factor"),
              required(scaling, file, "high_freq_factor"),
              required(scaling, file, "original_max_position_embeddings"));
      default ->
          throw new InputException(
              "%s: the rotary scaling is '%s'; known are default, linear and llama3."
                  .formatted(file, Shown.of(type)));
    };
  }

  /** The angle per position of every pair of a head, float32 as the reference has it. */
  float[] frequencies(int headSize) {
    float[] frequencies = new float[headSize / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float plain = (float) (1 / Math.pow(theta, 2.0 * i / headSize));
      frequencies[i] =
          switch (kind) {
            case NONE -> plain;
            case LINEAR -> (float) (plain / factor);
            case LLAMA3 -> (float) stretched(plain);
          };
    }
    return frequencies;
  }

  private double stretched(double frequency) {
    double waveLength = 2 * Math.PI / frequency;
    if (waveLength > original / low) {
      return frequency / factor;
    }
    if (waveLength < original / high) {
      return frequency;
    }
    double smooth = (original / waveLength - low) / (high - low);
    return (1 - smooth) * frequency / factor + smooth * frequency;
  }

  private static double required(JsonNode scaling, String file, String key) {
    if (!scaling.hasNonNull(key)) {
      throw new InputException(
          file + ": the rotary scaling has no " + key + ", which its type needs.");
    }
    return new ConfigJson(scaling, file).real(key, 1);
  }
}
