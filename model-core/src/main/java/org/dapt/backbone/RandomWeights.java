package org.dapt.backbone;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Placement;

/** Weights of models that nobody has trained, for measurements: their values mean nothing. */
final class RandomWeights {
  private RandomWeights() {}

  /**
   * The weight {@code name}: a vector, which belongs to a norm, holds ones; a matrix is normal with
   * standard deviation 1/(2√columns), so that activations neither vanish nor overflow. Equal names
   * and shapes give equal values.
   */
  static Tensor draw(String name, Placement placement, long... shape) {
    if (shape.length == 1) {
      return placement.ones(placement.scalar(), shape);
    }
    double deviation = 0.5 / Math.sqrt((double) shape[shape.length - 1]);
    CRC32 seed = new CRC32();
    seed.update(name.getBytes(StandardCharsets.UTF_8));
    return placement.normal(placement.scalar(), deviation, seed.getValue(), shape);
  }
}
