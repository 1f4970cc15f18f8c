package org.dapt.method.subspace;

import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Decompositions;
import org.dapt.tensor.Decompositions.Columns;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * What some inputs have outside of a protected space P: the left singular vectors of X − P X with
 * the squares of its singular values, X being the matrix that a {@link Spectrum} says.
 *
 * @param vectors one a column, the strongest first, {@code [d, d]} in float64
 * @param energies of the vectors; 0 where rounding is all there is
 * @param total ‖X‖², the energy of all inputs
 */
public record Directions(Tensor vectors, double[] energies, double total) {
  /**
   * Spaces are kept in float32, and of a matrix that lies in one about 3e-8 of the norm is found
   * outside of it: energies up to so many times the total are not taken for more.
   */
  private static final double KEPT_ROUNDING = 1e-12;

  /**
   * Of inputs with the second moments {@code moments}, up to a factor.
   *
   * @param moments {@code [d, d]} in float64 and this process's memory
   */
  public static Directions outside(ProtectedSpace space, Tensor moments, Spectrum spectrum) {
    double least = space.rank() == 0 ? 0 : KEPT_ROUNDING;
    if (spectrum == Spectrum.INPUTS) {
      // The moments of (I − P) h are (I − P) M (I − P).
      Tensor rest = space.outside(space.outside(moments).t());
      Columns parts = Decompositions.eigen(rest.add(rest.t()).mul(new Scalar(0.5)));
      return new Directions(parts.reversed(), moments.trace().item_double(), least);
    }
    return new Directions(
        Decompositions.leftSingular(space.outside(moments)),
        moments.square().sum().item_double(),
        least);
  }

  private Directions(Columns parts, double total, double least) {
    this(
        parts.vectors(),
        Arrays.stream(Tensors.toDoubles(parts.values()))
            .map(energy -> energy > Math.max(least, parts.rounding()) * total ? energy : 0)
            .toArray(),
        total);
  }

  /**
   * The first of them as rows, {@code [count, d]}: the entry of largest size of each is positive.
   * Where inputs have nothing in a direction, any vector would do, and the row is 0.
   *
   * @param room how many dimensions there are outside of the space
   */
  public Tensor rows(int count, long room) {
    return Scopes.inScope(
        () -> {
          Tensor rows = vectors.narrow(1, 0, Math.min(count, vectors.size(1))).t().contiguous();
          Tensor largest = rows.abs().argmax(new LongOptional(1), true);
          Tensor signed = rows.mul(rows.gather(1, largest).sign());
          int found = found(count, room);
          Tensor kept = torch.zeros_like(vectors.narrow(0, 0, 1)).repeat(count, 1);
          kept.narrow(0, 0, found).copy_(signed.narrow(0, 0, found));
          return kept;
        });
  }

  /** How many of the first {@code count} are more than rounding. */
  public int found(int count, long room) {
    int found = 0;
    while (found < Math.min(Math.min(count, room), energies.length) && energies[found] > 0) {
      found++;
    }
    return found;
  }

  /**
   * The fewest of them with which the space holds {@code threshold} of the energy, {@code [d,
   * count]}.
   */
  public Tensor fewest(double threshold, long room) {
    double held = total;
    for (double energy : energies) {
      held -= energy;
    }
    int count = 0;
    int most = found(energies.length, room);
    while (count < most && held < threshold * total) {
      held += energies[count++];
    }
    return vectors.narrow(1, 0, count);
  }
}
