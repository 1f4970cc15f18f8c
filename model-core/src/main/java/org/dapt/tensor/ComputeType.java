package org.dapt.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Type of the frozen weights and of the forward pass. */
public enum ComputeType {
  FLOAT32(ScalarType.Float, ScalarType.Float),
  BFLOAT16(ScalarType.BFloat16, ScalarType.Float),
  FLOAT64(ScalarType.Double, ScalarType.Double);

  private final ScalarType compute;
  private final ScalarType learnt;

  ComputeType(ScalarType compute, ScalarType learnt) {
    this.compute = compute;
    this.learnt = learnt;
  }

  /** libtorch's type of the frozen weights and activations. */
  public ScalarType scalar() {
    return compute;
  }

  /**
   * libtorch's type of blocks, keys, query network, attention weights and optimizer state: never
   * below float32.
   */
  public ScalarType learnt() {
    return learnt;
  }

  /** Bytes of a frozen weight, and of an activation. */
  public int bytes() {
    return bytes(compute);
  }

  /** Bytes of a value that is learnt. */
  public int learntBytes() {
    return bytes(learnt);
  }

  private static int bytes(ScalarType type) {
    return switch (type) {
      case Double -> 8;
      case BFloat16 -> 2;
      default -> 4;
    };
  }

  /** The type as it is written in a configuration, {@code float32} for example. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
