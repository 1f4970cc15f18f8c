package org.dapt.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.dapt.io.JsonObjects;
import org.dapt.io.gguf.GgufFile;
import org.dapt.io.gguf.GgufMetadata;
import org.dapt.io.gguf.GgufTensor;

/**
 * How the rotary frequencies of a model are scaled. Since Llama 3.1 a GGUF file has the factors
 * that frequencies are divided by, not the numbers that they were computed from. All published
 * models have the same bounds; where these give the factors of the file, they are what the
 * configuration says.
 */
final class RotaryFacts {
  private static final double LOW = 1;
  private static final double HIGH = 4;
  private static final int ORIGINAL = 8192;
  private static final double TOLERANCE = 1e-4;
  private static final String SCALING = LlamaFacts.PREFIX + "rope.scaling.";

  private RotaryFacts() {}

  /**
   * What {@code rope_scaling} of the configuration is; empty where nothing is scaled.
   *
   * @throws org.dapt.error.InputException if frequencies are scaled in another way
   */
  static Optional<ObjectNode> scaling(GgufFile file, LlamaFacts facts) {
    GgufMetadata metadata = file.metadata();
    Optional<ObjectNode> stated = stated(metadata);
    GgufTensor factors = file.tensors().get(LlamaTensors.ROTARY);
    if (factors == null) {
      return stated;
    }
    Optional<ObjectNode> found = ofFactors(file, factors, facts);
    if (stated.isPresent() && found.isPresent()) {
      throw metadata.unsupported("its rotary frequencies are scaled in two ways");
    }
    return stated.or(() -> found);
  }

  private static Optional<ObjectNode> stated(GgufMetadata metadata) {
    double factor =
        metadata
            .real(SCALING + "factor")
            .or(() -> metadata.real(LlamaFacts.PREFIX + "rope.scale_linear"))
            .orElse(1.0);
    String type = metadata.text(SCALING + "type").orElse("linear");
    if (type.equals("none") || (type.equals("linear") && factor == 1)) {
      return Optional.empty();
    }
    if (!type.equals("linear")) {
      throw metadata.unsupported(
          "%stype is %s; known are none and linear, and the factors of Llama 3"
              .formatted(SCALING, GgufConversion.quoted(type)));
    }
    return Optional.of(JsonObjects.create().put("rope_type", "linear").put("factor", factor));
  }

  private static Optional<ObjectNode> ofFactors(
      GgufFile file, GgufTensor tensor, LlamaFacts facts) {
    int pairs = facts.headSize() / 2;
    if (tensor.elements() != pairs || pairs > GgufFile.MOST_NUMBERS) {
      throw file.metadata()
          .damaged(
              "the tensor %s has %d numbers, expected %d, half the size of a head"
                  .formatted(LlamaTensors.ROTARY, tensor.elements(), pairs));
    }
    float[] factors = new float[pairs];
    file.read(tensor, 0, pairs, factors);
    double factor = 0;
    for (float each : factors) {
      factor = Math.max(factor, each);
    }
    int original = file.metadata().whole(SCALING + "original_context_length", 1).orElse(ORIGINAL);
    double farthest = 0;
    for (int i = 0; i < pairs; i++) {
      double frequency = Math.pow(facts.theta(), -2.0 * i / facts.headSize());
      double expected = divisor(2 * Math.PI / frequency, factor, original);
      farthest = Math.max(farthest, Math.abs(factors[i] / expected - 1));
    }
    if (!(farthest < TOLERANCE)) {
      throw file.metadata()
          .unsupported(
              "the factors of its rotary frequencies in %s are not those of Llama 3 (bounds %s and %s of %d positions)"
                  .formatted(LlamaTensors.ROTARY, LOW, HIGH, original));
    }
    return factor == 1
        ? Optional.empty()
        : Optional.of(
            JsonObjects.create()
                .put("rope_type", "llama3")
                .put("factor", factor)
                .put("low_freq_factor", LOW)
                .put("high_freq_factor", HIGH)
                .put("original_max_position_embeddings", original));
  }

  /** What Llama 3 divides the frequency of a wave length by. */
  private static double divisor(double waveLength, double factor, double original) {
    if (waveLength < original / HIGH) {
      return 1;
    }
    if (waveLength > original / LOW) {
      return factor;
    }
    double smooth = (original / waveLength - LOW) / (HIGH - LOW);
    return 1 / ((1 - smooth) / factor + smooth);
  }
}
