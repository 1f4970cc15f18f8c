package org.dapt.realign;

import java.io.Serializable;

/**
 * The numbers of a selection module, for engines of any library: the keys and the query network
 * {@code q(x) = LayerNorm(SiLU(up(down(x))))}, without biases but the norm's, whose ε is 1e-5.
 * Matrices are in row-major order. The arrays are not copied.
 *
 * @param tasks T, how many blocks are weighed
 * @param width d, of what is seen of an input, of queries and keys
 * @param hidden h, width of the network's hidden layer
 * @param keys {@code [T, d]}
 * @param down {@code [h, d]}
 * @param up {@code [d, h]}
 * @param normWeight {@code [d]}
 * @param normBias {@code [d]}
 */
public record SelectionValues(
    int tasks,
    int width,
    int hidden,
    float[] keys,
    float[] down,
    float[] up,
    float[] normWeight,
    float[] normBias)
    implements Serializable {
  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if one does not fit
   */
  public SelectionValues {
    require("keys", keys, (long) tasks * width);
    require("down", down, (long) hidden * width);
    require("up", up, (long) width * hidden);
    require("normWeight", normWeight, width);
    require("normBias", normBias, width);
  }

  private static void require(String name, float[] values, long length) {
    if (values.length != length) {
      throw new IllegalArgumentException(
          "%s has %d numbers, %d are expected".formatted(name, values.length, length));
    }
  }
}
