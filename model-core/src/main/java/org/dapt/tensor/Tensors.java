package org.dapt.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.InputException;
import org.dapt.io.Dtype;

/**
 * What is asked of tensors, and reading them into Java; {@link Placement} makes them. Returned
 * tensors belong to the innermost open scope.
 */
public final class Tensors {
  static {
    NativeRuntime.load();
  }

  private Tensors() {}

  /**
   * Checks that all numbers of a tensor that was read from a file are finite.
   *
   * @param origin the file, for the message
   * @throws InputException if one is not
   */
  public static void requireFinite(Tensor tensor, String origin, String name) {
    if (tensor.numel() == 0 || !tensor.is_floating_point()) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      // Both pass on what is not a number.
      double least = tensor.min().to(ScalarType.Double).item_double();
      double most = tensor.max().to(ScalarType.Double).item_double();
      if (!Double.isFinite(least) || !Double.isFinite(most)) {
        double found = Double.isFinite(least) ? most : least;
        throw new InputException(
            "%s: tensor %s holds %s, expected finite numbers%s. The file is damaged or comes from a training that diverged: fetch it again or take another one."
                .formatted(
                    origin,
                    name,
                    found,
                    // Larger ones than the type holds have become infinite.
                    Double.isNaN(found) || tensor.scalar_type().intern() == ScalarType.Double
                        ? ""
                        : " of " + dtype(tensor)));
      }
    }
  }

  /** Concatenation along {@code dimension}. */
  public static Tensor cat(List<Tensor> parts, long dimension) {
    return torch.cat(new TensorVector(parts.toArray(new Tensor[0])), dimension);
  }

  /** The elements in row-major order, as doubles. */
  public static double[] toDoubles(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      double[] out = new double[Math.toIntExact(tensor.numel())];
      host(tensor).to(ScalarType.Double).contiguous().data_ptr_double().get(out);
      return out;
    }
  }

  /** The elements in row-major order, as longs. */
  public static long[] toLongs(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      long[] out = new long[Math.toIntExact(tensor.numel())];
      host(tensor).to(ScalarType.Long).contiguous().data_ptr_long().get(out);
      return out;
    }
  }

  /** A copy of the elements as bytes, little endian and row-major. */
  public static ByteBuffer toBytes(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      Tensor dense = host(tensor).contiguous();
      byte[] out = new byte[Math.toIntExact(dense.nbytes())];
      // A tensor without elements has no address to read from.
      if (out.length > 0) {
        new BytePointer(dense.data_ptr()).capacity(out.length).get(out);
      }
      return ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /**
   * The memory of a dense tensor of this process, which ends with the tensor's: for what is read
   * into it.
   */
  static ByteBuffer memory(Tensor dense) {
    return new BytePointer(dense.data_ptr()).capacity(dense.nbytes()).asByteBuffer();
  }

  /** The sizes of {@code tensor}. */
  public static long[] shape(Tensor tensor) {
    long[] shape = new long[Math.toIntExact(tensor.dim())];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = tensor.size(i);
    }
    return shape;
  }

  /** The stored type that matches the tensor's. */
  public static Dtype dtype(Tensor tensor) {
    // Enum values that come from native code are not the constants themselves.
    return switch (tensor.scalar_type().intern()) {
      case Double -> Dtype.F64;
      case Float -> Dtype.F32;
      case Half -> Dtype.F16;
      case BFloat16 -> Dtype.BF16;
      case Long -> Dtype.I64;
      case Int -> Dtype.I32;
      case Short -> Dtype.I16;
      case Char -> Dtype.I8;
      case Byte -> Dtype.U8;
      case Bool -> Dtype.BOOL;
      default ->
          throw new IllegalArgumentException(
              "No stored form for a tensor of type " + tensor.scalar_type());
    };
  }

  /**
   * The values of {@code tensor} in this process's memory: the tensor itself where it lies there, a
   * copy where it lies elsewhere. Only memory of this process may be read through an address.
   */
  private static Tensor host(Tensor tensor) {
    return tensor.detach().cpu();
  }

  /** libtorch's type of what is stored as {@code dtype}. */
  static ScalarType scalar(Dtype dtype) {
    return switch (dtype) {
      case F64 -> ScalarType.Double;
      case F32 -> ScalarType.Float;
      case F16 -> ScalarType.Half;
      case BF16 -> ScalarType.BFloat16;
      case I64 -> ScalarType.Long;
      case I32 -> ScalarType.Int;
      case I16 -> ScalarType.Short;
      case I8 -> ScalarType.Char;
      case U8 -> ScalarType.Byte;
      case BOOL -> ScalarType.Bool;
    };
  }
}
