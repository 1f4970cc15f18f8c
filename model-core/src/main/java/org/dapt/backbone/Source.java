package org.dapt.backbone;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Placement;

/**
 * The inputs of a batch, padded on the right to the longest.
 *
 * @param tokens the token ids of each example, without padding, none empty
 * @param ids int64 {@code [batch, tokens]}
 * @param padding bool {@code [batch, tokens]}, true at padding; null where all examples have the
 *     same length
 */
public record Source(List<int[]> tokens, Tensor ids, Tensor padding) {
  /** Packs {@code tokens}, filling up with the id {@code pad}, onto the device of a model. */
  public static Source of(List<int[]> tokens, int pad, Placement placement) {
    int columns = 0;
    int shortest = Integer.MAX_VALUE;
    for (int[] row : tokens) {
      columns = Math.max(columns, row.length);
      shortest = Math.min(shortest, row.length);
    }
    if (tokens.isEmpty() || shortest == 0) {
      throw new IllegalArgumentException(
          "A batch needs at least one example, and every example at least one token");
    }
    Tensor ids = placement.padded(tokens, pad);
    if (shortest == columns) {
      return new Source(tokens, ids, null);
    }
    long[] lengths = tokens.stream().mapToLong(row -> row.length).toArray();
    Tensor padding =
        placement.upTo(columns).unsqueeze(0).ge(placement.indices(lengths).unsqueeze(1));
    return new Source(tokens, ids, padding);
  }

  /**
   * The mean over the real tokens of each example: {@code [batch, tokens, n] → [batch, n]}.
   *
   * @param states one row a token; what stands at padding does not count
   */
  public Tensor mean(Tensor states) {
    if (padding == null) {
      return states.mean(1);
    }
    Tensor real = padding.logical_not().unsqueeze(2);
    return states.masked_fill(padding.unsqueeze(2), new Scalar(0.0)).sum(1).div(real.sum(1));
  }

  /** Number of examples. */
  public int size() {
    return tokens.size();
  }
}
