package org.dapt.tensor;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.io.Dtype;

/**
 * Brings a tensor from where it is stored to where it is computed with, in one pass and without a
 * second copy: a part after the other is read, converted, looked at while the processor's cache has
 * it, and put in its place. Where nothing is to be converted or moved to another device, parts are
 * read into their place at once.
 */
public final class StoredTensor {
  /** Larger ones leave the cache before they are looked at, smaller ones cost calls. */
  private static final long PART_BYTES = 1 << 22;

  private StoredTensor() {}

  /** Stored bytes, little endian and row-major. */
  @FunctionalInterface
  public interface Bytes {
    /** Fills the rest of {@code target} with the bytes from {@code offset} on. */
    void read(long offset, ByteBuffer target);
  }

  /**
   * Loads a tensor.
   *
   * @param dtype its stored type, of real numbers
   * @param placement its numbers are converted to the type of the frozen weights
   * @param check sees all of them, converted, part by part; what it throws is thrown here
   * @return {@code shape}, in the open scope
   */
  public static Tensor load(
      Bytes bytes, Dtype dtype, long[] shape, Placement placement, Consumer<Tensor> check) {
    return Scopes.inScope(
        () -> {
          ScalarType stored = Tensors.scalar(dtype);
          boolean inPlace = placement.device().isCpu() && stored == placement.scalar();
          Tensor whole = placement.empty(placement.scalar(), shape);
          Tensor flat = whole.view(-1);
          long most = PART_BYTES / dtype.bytes();
          Tensor buffer =
              inPlace ? null : placement.host().empty(stored, Math.min(most, flat.numel()));
          for (long at = 0; at < flat.numel(); at += most) {
            try (PointerScope scope = new PointerScope()) {
              Tensor place = flat.narrow(0, at, Math.min(most, flat.numel() - at));
              Tensor part = inPlace ? place : buffer.narrow(0, 0, place.numel());
              bytes.read(at * dtype.bytes(), Tensors.memory(part));
              Tensor converted = part.to(placement.scalar());
              check.accept(converted);
              if (!inPlace) {
                place.copy_(converted);
              }
            }
          }
          return whole;
        });
  }
}
