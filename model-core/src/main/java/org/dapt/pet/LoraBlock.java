package org.dapt.pet;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Projection;
import org.dapt.error.InputException;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * One LoRA block: for every adapted projection a matrix A {@code [r, in]} and a matrix B {@code
 * [out, r]}, of which B A is added to the projection's weight (Hu et al. 2021).
 */
public final class LoraBlock {
  /** How the name of a matrix A ends. */
  public static final String A = ".lora_A";

  /** How the name of a matrix B ends. */
  public static final String B = ".lora_B";

  private final Map<String, Tensor> tensors;

  private LoraBlock(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /** The block made of {@code tensors}: {@code PROJECTION.lora_A} and {@code PROJECTION.lora_B}. */
  public static LoraBlock of(Map<String, Tensor> tensors) {
    return new LoraBlock(new LinkedHashMap<>(tensors));
  }

  /** Initial values of a block, {@link LoraStart#KAIMING}. */
  public static LoraBlock initial(
      List<Projection> projections, int rank, RandomGenerator random, Placement placement) {
    return initial(projections, rank, LoraStart.KAIMING, random, placement);
  }

  /** Initial values of a block: A as {@code start} has it, B is zero. */
  public static LoraBlock initial(
      List<Projection> projections,
      int rank,
      LoraStart start,
      RandomGenerator random,
      Placement placement) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Projection projection : projections) {
      double[] values = start.draw(rank, projection.in(), random);
      tensors.put(
          projection.name() + A, placement.of(placement.learnt(), values, rank, projection.in()));
      tensors.put(
          projection.name() + B, placement.zeros(placement.learnt(), projection.out(), rank));
    }
    return new LoraBlock(tensors);
  }

  /**
   * Checks that the block fits {@code projections}.
   *
   * @param origin where the block was read from, for the message
   * @throws InputException where a matrix is missing or has a wrong shape
   */
  public void check(List<Projection> projections, String origin) {
    for (Projection projection : projections) {
      Tensor a = tensors.get(projection.name() + A);
      Tensor b = tensors.get(projection.name() + B);
      if (a == null || b == null) {
        throw new InputException(
            origin
                + ": no LoRA matrices for "
                + projection.name()
                + "; the block belongs to another base model");
      }
      boolean fits =
          a.dim() == 2
              && b.dim() == 2
              && a.size(0) > 0
              && a.size(1) == projection.in()
              && b.size(0) == projection.out()
              && a.size(0) == b.size(1);
      if (!fits) {
        throw new InputException(
            "%s: the LoRA matrices of %s are %s and %s, expected [r, %d] and [%d, r]; the block belongs to another base model"
                .formatted(
                    origin,
                    projection.name(),
                    Arrays.toString(Tensors.shape(a)),
                    Arrays.toString(Tensors.shape(b)),
                    projection.in(),
                    projection.out()));
      }
    }
  }

  /** Whether {@code tensor} is the name of a matrix of a block. */
  public static boolean isMatrix(String tensor) {
    return tensor.endsWith(A) || tensor.endsWith(B);
  }

  /** All matrices by name. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /** A of a projection, {@code [r, in]}. */
  public Tensor a(String projection) {
    return tensors.get(projection + A);
  }

  /** B of a projection, {@code [out, r]}. */
  public Tensor b(String projection) {
    return tensors.get(projection + B);
  }
}
