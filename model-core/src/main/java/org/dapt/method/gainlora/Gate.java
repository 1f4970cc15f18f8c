package org.dapt.method.gainlora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;
import org.dapt.tensor.Placement;

/**
 * How much of a task's block an input gets: {@code |2 σ(b) − 1|} with b = G₃ p₂, or 4 cos(G₃, p₂),
 * and p₂ = SiLU(G₂ p₁), p₁ = SiLU(G₁ p₀). p₀ is the mean of the input's token embeddings.
 *
 * @param g1 G₁, {@code [h, d]}
 * @param g2 G₂, {@code [d, h]}
 * @param g3 G₃, {@code [1, d]}
 * @param cosine which b
 */
record Gate(Tensor g1, Tensor g2, Tensor g3, boolean cosine) {
  static final String G1 = "gate.G1";
  static final String G2 = "gate.G2";
  static final String G3 = "gate.G3";

  /** In front of the cosine. */
  private static final double SHARPNESS = 4;

  /** Lengths are not below it where they divide. */
  private static final double LEAST_LENGTH = 1e-12;

  /** The gate of {@code tensors}, by their names. */
  static Gate of(Map<String, Tensor> tensors, boolean cosine) {
    return new Gate(tensors.get(G1), tensors.get(G2), tensors.get(G3), cosine);
  }

  /**
   * The gate that {@code task} keeps.
   *
   * @param width d
   * @throws InputException if it keeps none, or that of another model
   */
  static Gate of(LearntTask task, long width, boolean cosine) {
    Gate gate = of(task.attention(), cosine);
    if (!gate.fits(width)) {
      throw new InputException(
          "The attention of task %s holds no gate %s, %s and %s for embeddings of %d components; it was not learnt by gain-lora with this model"
              .formatted(task.task(), G1, G2, G3, width));
    }
    return gate;
  }

  private boolean fits(long width) {
    if (g1 == null || g2 == null || g3 == null || g1.dim() != 2) {
      return false;
    }
    long hidden = g1.size(0);
    return hasShape(g1, hidden, width) && hasShape(g2, width, hidden) && hasShape(g3, 1, width);
  }

  private static boolean hasShape(Tensor tensor, long rows, long columns) {
    return tensor.dim() == 2 && tensor.size(0) == rows && tensor.size(1) == columns;
  }

  /** A first gate: layers that are Kaiming-uniform (±1/√in), and G₃ in ±1. */
  static Map<String, Tensor> random(
      int width, int hidden, RandomGenerator random, Placement placement) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(G1, uniform(hidden, width, 1 / Math.sqrt(width), random, placement));
    tensors.put(G2, uniform(width, hidden, 1 / Math.sqrt(hidden), random, placement));
    tensors.put(G3, uniform(1, width, 1, random, placement));
    return tensors;
  }

  private static Tensor uniform(
      int rows, int columns, double most, RandomGenerator random, Placement placement) {
    double[] values =
        random.doubles((long) rows * columns).map(value -> most * (2 * value - 1)).toArray();
    return placement.of(placement.learnt(), values, rows, columns);
  }

  /**
   * p₀ of inputs, {@code [batch, d]} in the type of what is learnt: padding does not count, and of
   * a decoder the prompt alone does.
   */
  static Tensor pooled(Backbone backbone, Source source) {
    return source.mean(backbone.embed(source.ids()).to(backbone.type().learnt()));
  }

  /** p₀, p₁ and p₂: {@code [batch, d]}, {@code [batch, h]} and {@code [batch, d]}. */
  List<Tensor> layers(Tensor p0) {
    Tensor p1 = torch.silu(torch.linear(p0, g1));
    return List.of(p0, p1, torch.silu(torch.linear(p1, g2)));
  }

  /** The gate's value, from 0 to 1: {@code [batch, d] → [batch, 1]}. */
  Tensor value(Tensor p0) {
    Tensor p2 = layers(p0).get(2);
    Tensor b =
        cosine
            ? torch
                .cosine_similarity(p2, g3, 1, LEAST_LENGTH)
                .mul(new Scalar(SHARPNESS))
                .unsqueeze(1)
            : torch.linear(p2, g3);
    return torch.sigmoid(b).mul(new Scalar(2.0)).sub(new Scalar(1.0)).abs();
  }

  /** G₁, G₂ and G₃ by name. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(G1, g1);
    tensors.put(G2, g2);
    tensors.put(G3, g3);
    return tensors;
  }
}
