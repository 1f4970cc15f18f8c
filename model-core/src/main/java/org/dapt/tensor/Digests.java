package org.dapt.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.digest.Sha256;

/** SHA-256 of tensors, as proof that frozen values did not change. */
public final class Digests {
  /** Elements that lie in the heap at a time: the whole of a large embedding need not fit it. */
  private static final long SLICE = 1 << 20;

  private Digests() {}

  /** Adds name, shape and bytes of {@code tensor}, a slice after the other. */
  public static void update(MessageDigest digest, String name, Tensor tensor) {
    update(digest, name, Tensors.shape(tensor), SLICE, tensor);
  }

  /**
   * As {@link #update(MessageDigest, String, Tensor)}.
   *
   * @param slice how many elements lie in the heap at a time
   */
  static void update(MessageDigest digest, String name, long[] shape, long slice, Tensor tensor) {
    update(digest, name, shape, ByteBuffer.allocate(0));
    try (PointerScope scope = new PointerScope()) {
      Tensor flat = tensor.detach().contiguous().view(-1);
      for (long at = 0; at < flat.numel(); at += slice) {
        digest.update(Tensors.toBytes(flat.narrow(0, at, Math.min(slice, flat.numel() - at))));
      }
    }
  }

  /** Adds a tensor as it lies in a file: in the order of its elements, little-endian. */
  public static void update(MessageDigest digest, String name, long[] shape, ByteBuffer bytes) {
    digest.update(name.getBytes(StandardCharsets.UTF_8));
    digest.update(Arrays.toString(shape).getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
  }

  /** SHA-256 of named tensors in the order of their names, as hexadecimal digits. */
  public static String sha256(Map<String, Tensor> tensors) {
    MessageDigest digest = Sha256.start();
    new TreeMap<>(tensors).forEach((name, tensor) -> update(digest, name, tensor));
    return Sha256.hex(digest);
  }
}
