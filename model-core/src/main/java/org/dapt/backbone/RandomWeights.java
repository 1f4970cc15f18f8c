package org.dapt.backbone;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/** Weights of models that nobody has trained, for measurements: their values mean nothing. */
final class RandomWeights {
  /** So many numbers are drawn for a matrix: billions of them would take minutes. */
  private static final long DRAWN = 1 << 22;

  private RandomWeights() {}

  /**
   * The weight {@code name}: a vector, which belongs to a norm, holds ones; a matrix is normal with
   * standard deviation 1/(2√columns), so that activations neither vanish nor overflow. The rows of
   * a large one repeat after some millions of numbers. Equal names and shapes give equal values.
   */
  static Tensor draw(String name, Placement placement, long... shape) {
    if (shape.length == 1) {
      return placement.ones(placement.scalar(), shape);
    }
    double deviation = 0.5 / Math.sqrt((double) shape[shape.length - 1]);
    CRC32 seed = new CRC32();
    seed.update(name.getBytes(StandardCharsets.UTF_8));
    // On another device what is drawn here is of no more use.
    return Scopes.inScope(() -> repeated(placement, deviation, seed.getValue(), shape));
  }

  /** As many rows as are drawn, again and again. */
  private static Tensor repeated(Placement placement, double deviation, long seed, long[] shape) {
    long rows = shape[0];
    long columns = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
    long[] part = shape.clone();
    part[0] = Math.max(1, Math.min(rows, DRAWN / columns));
    Tensor drawn = placement.normal(placement.scalar(), deviation, seed, part);
    if (part[0] == rows) {
      return drawn;
    }
    Tensor whole = placement.zeros(placement.scalar(), shape);
    for (long at = 0; at < rows; at += part[0]) {
      long count = Math.min(part[0], rows - at);
      whole.narrow(0, at, count).copy_(drawn.narrow(0, 0, count));
    }
    return whole;
  }
}
