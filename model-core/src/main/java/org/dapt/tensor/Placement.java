package org.dapt.tensor;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.io.Dtype;

/**
 * Where the tensors of a model lie and of which types they are. It makes them, and nothing else
 * does: so all of them lie on one device, the inputs of a batch as well as the weights.
 *
 * <p>Returned tensors belong to the innermost open scope. Numbers are put together in this
 * process's memory and copied from there, so that they are the same ones on every device.
 *
 * @param device on which everything is computed
 * @param type types of the frozen weights and of what is learnt
 */
public record Placement(Device device, ComputeType type) implements Serializable {
  /** Tensors in this process's memory. */
  public static Placement cpu(ComputeType type) {
    return new Placement(Device.CPU, type);
  }

  /** The same types in this process's memory: for what only Java reads, files and sums of ranks. */
  public Placement host() {
    return cpu(type);
  }

  /** libtorch's type of the frozen weights and activations. */
  public ScalarType scalar() {
    return type.scalar();
  }

  /** libtorch's type of what is learnt, see {@link ComputeType#learnt()}. */
  public ScalarType learnt() {
    return type.learnt();
  }

  /** A tensor of {@code shape} whose values are still to be written. */
  Tensor empty(ScalarType type, long... shape) {
    return torch.empty(shape, options(type), null);
  }

  /** Zeros of {@code shape}. */
  public Tensor zeros(ScalarType type, long... shape) {
    return torch.zeros(shape, options(type));
  }

  /** Ones of {@code shape}. */
  public Tensor ones(ScalarType type, long... shape) {
    return torch.ones(shape, options(type));
  }

  /** {@code values}, row-major, as a tensor of {@code shape}. */
  public Tensor of(ScalarType type, double[] values, long... shape) {
    NativeRuntime.load();
    return placed(Tensor.create(values, shape).to(type));
  }

  /** {@code values}, row-major, as a tensor of {@code shape}. */
  public Tensor of(ScalarType type, float[] values, long... shape) {
    NativeRuntime.load();
    return placed(Tensor.create(values, shape).to(type));
  }

  /** A copy of {@code bytes}, stored as {@code dtype} (little endian, row-major). */
  public Tensor of(ScalarType type, ByteBuffer bytes, Dtype dtype, long... shape) {
    NativeRuntime.load();
    return Scopes.inScope(
        () ->
            view(bytes, dtype, shape)
                .to(device.pointer(), type, false, true, new MemoryFormatOptional()));
  }

  /** {@code bytes} as they are, in this process's memory. */
  private static Tensor view(ByteBuffer bytes, Dtype dtype, long... shape) {
    BytePointer raw;
    if (bytes.isDirect()) {
      raw = new BytePointer(bytes.slice());
    } else {
      byte[] copy = new byte[bytes.remaining()];
      bytes.slice().get(copy);
      raw = new BytePointer(copy);
    }
    return torch.from_blob(raw, shape, new TensorOptions(Tensors.scalar(dtype)));
  }

  /** int64 vector. */
  public Tensor indices(long... values) {
    NativeRuntime.load();
    return placed(Tensor.create(values, values.length));
  }

  /** The int64 vector 0, 1, … {@code end - 1}. */
  public Tensor upTo(long end) {
    return torch.arange(new Scalar(end), options(ScalarType.Long));
  }

  /** int64 tensor {@code [rows, columns]}; rows are padded with {@code padding} on the right. */
  public Tensor padded(List<int[]> rows, int padding) {
    int columns = 0;
    for (int[] row : rows) {
      columns = Math.max(columns, row.length);
    }
    long[] flat = new long[rows.size() * columns];
    int at = 0;
    for (int[] row : rows) {
      for (int j = 0; j < columns; j++) {
        flat[at++] = j < row.length ? row[j] : padding;
      }
    }
    NativeRuntime.load();
    return placed(Tensor.create(flat, rows.size(), columns));
  }

  /**
   * Numbers with mean 0 and the given standard deviation. They are drawn from a generator of their
   * own: libtorch's process-wide one is left as it is.
   */
  public Tensor normal(ScalarType type, double deviation, long seed, long... shape) {
    GeneratorOptional generator = new GeneratorOptional(generator(seed));
    Tensor empty = torch.empty(shape, new TensorOptions(type), null);
    // Weights: too much to be pinned.
    return copied(empty.normal_(0, deviation, generator), false);
  }

  /**
   * Numbers uniform in ± {@code bound}, row by row from {@code random}, of the type of what is
   * learnt.
   */
  public Tensor uniform(double bound, RandomGenerator random, long... shape) {
    double[] values =
        new double[Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (2 * random.nextDouble() - 1) * bound;
    }
    return of(learnt(), values, shape);
  }

  /**
   * A generator for draws in this process's memory; libtorch's process-wide one is left as it is.
   */
  public static Generator generator(long seed) {
    NativeRuntime.load();
    return torch.createCPUGenerator(seed);
  }

  private TensorOptions options(ScalarType type) {
    NativeRuntime.load();
    TensorOptions options = new TensorOptions(type);
    return device.isCpu() ? options : options.device(new DeviceOptional(device.pointer()));
  }

  /**
   * {@code host}, which lies in this process's memory, on the device; itself where that is it. This
   * process does not wait for the copy: an accelerator makes it from pinned memory.
   */
  public Tensor placed(Tensor host) {
    return device.isAccelerator() ? copied(host.pin_memory(), true) : copied(host, false);
  }

  private Tensor copied(Tensor host, boolean goesOn) {
    return device.isCpu()
        ? host
        : host.to(device.pointer(), host.scalar_type(), goesOn, false, new MemoryFormatOptional());
  }

  /**
   * Memory of this process for values that come from the device and go there again: of the size and
   * type of {@code there}, pinned where the device is an accelerator. It belongs to the open scope.
   */
  public Tensor passage(Tensor there) {
    Tensor host = host().zeros(there.scalar_type(), Tensors.shape(there));
    return device.isAccelerator() ? host.pin_memory() : host;
  }
}
