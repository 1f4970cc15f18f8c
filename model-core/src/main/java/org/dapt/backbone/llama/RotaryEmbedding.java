package org.dapt.backbone.llama;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * Turns the pairs (i, i + size/2) of queries and keys by an angle that grows with the position, so
 * that their products depend on distances only (Su et al. 2021).
 */
final class RotaryEmbedding implements AutoCloseable {
  private static final int GROWTH = 256;

  /**
   * Cosines and sines of some positions, each {@code [batch or 1, 1, tokens, size]}.
   *
   * @param sines with the sign of the half that is turned: negative in the first half
   */
  record Turn(Tensor cosines, Tensor sines) {
    /** {@code [batch, heads, tokens, size]} turned. */
    Tensor apply(Tensor x) {
      long half = x.size(3) / 2;
      Tensor swapped =
          Tensors.cat(List.of(x.narrow(3, half, half), x.narrow(3, 0, half)), 3).mul(sines);
      return x.mul(cosines).add(swapped);
    }
  }

  private final float[] frequencies;
  private final Placement placement;
  private Tensor cosines;
  private Tensor sines;

  RotaryEmbedding(float[] frequencies, Placement placement) {
    this.frequencies = frequencies.clone();
    this.placement = placement;
  }

  /** The angle per position of every pair. */
  float[] frequencies() {
    return frequencies.clone();
  }

  /** The positions 0 to {@code tokens - 1}, the same for all examples. */
  synchronized Turn upTo(long tokens) {
    grow(tokens);
    return new Turn(shaped(cosines.narrow(0, 0, tokens)), shaped(sines.narrow(0, 0, tokens)));
  }

  /** One position for each example. */
  synchronized Turn at(long... positions) {
    long last = 0;
    for (long position : positions) {
      last = Math.max(last, position);
    }
    grow(last + 1);
    Tensor index = placement.indices(positions);
    return new Turn(
        cosines.index_select(0, index).unsqueeze(1).unsqueeze(1),
        sines.index_select(0, index).unsqueeze(1).unsqueeze(1));
  }

  @Override
  public synchronized void close() {
    Scopes.release(cosines);
    Scopes.release(sines);
    cosines = null;
    sines = null;
  }

  private static Tensor shaped(Tensor rows) {
    return rows.unsqueeze(0).unsqueeze(0);
  }

  private void grow(long tokens) {
    if (cosines != null && cosines.size(0) >= tokens) {
      return;
    }
    int rows = Math.toIntExact((tokens + GROWTH - 1) / GROWTH * GROWTH);
    int half = frequencies.length;
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      float[] angles = new float[rows * half];
      for (int position = 0; position < rows; position++) {
        for (int i = 0; i < half; i++) {
          angles[position * half + i] = position * frequencies[i];
        }
      }
      // In this process's memory: devices differ in the last bits of these.
      Tensor angle = placement.host().of(ScalarType.Float, angles, rows, half);
      Tensor cosine = placement.placed(torch.cos(angle).to(placement.scalar()));
      Tensor sine = placement.placed(torch.sin(angle).to(placement.scalar()));
      close();
      cosines = Scopes.keep(Tensors.cat(List.of(cosine, cosine), 1));
      sines = Scopes.keep(Tensors.cat(List.of(sine.neg(), sine), 1));
    }
  }
}
