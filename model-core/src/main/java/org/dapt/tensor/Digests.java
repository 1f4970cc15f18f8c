package org.dapt.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.dapt.digest.Sha256;

/** SHA-256 of tensors, as proof that frozen values did not change. */
public final class Digests {
  private Digests() {}

  /** Adds name, shape and bytes of {@code tensor}. */
  public static void update(MessageDigest digest, String name, Tensor tensor) {
    update(digest, name, Tensors.shape(tensor), Tensors.toBytes(tensor));
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
