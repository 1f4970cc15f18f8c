package org.dapt.backbone;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.InputException;
import org.dapt.io.ModelFolder;
import org.dapt.io.TensorInfo;
import org.dapt.tensor.Placement;
import org.dapt.tensor.StoredTensor;
import org.dapt.tensor.Tensors;

/** The tensors of a model folder, read and compared. */
final class StoredTensors {
  private static final int COMPARED_BYTES = 1 << 20;

  private StoredTensors() {}

  /**
   * A tensor of any size.
   *
   * @param placement its numbers, which are no whole ones, are converted to
   * @throws InputException if one of them is not finite
   */
  static Tensor read(ModelFolder folder, String name, Placement placement) {
    TensorInfo info = folder.info(name);
    return StoredTensor.load(
        (offset, target) -> folder.read(name, offset, target),
        info.dtype(),
        info.shape(),
        placement,
        part -> Tensors.requireFinite(part, folder.origin(name), name));
  }

  /** Whether two tensors are equal byte by byte. */
  static boolean same(ModelFolder folder, String one, String other) {
    TensorInfo a = folder.info(one);
    TensorInfo b = folder.info(other);
    if (a.dtype() != b.dtype() || !Arrays.equals(a.shape(), b.shape())) {
      return false;
    }
    ByteBuffer left = ByteBuffer.allocate(COMPARED_BYTES);
    ByteBuffer right = ByteBuffer.allocate(COMPARED_BYTES);
    for (long at = 0; at < a.bytes(); at += COMPARED_BYTES) {
      int length = (int) Math.min(COMPARED_BYTES, a.bytes() - at);
      folder.read(one, at, left.clear().limit(length));
      folder.read(other, at, right.clear().limit(length));
      if (left.flip().mismatch(right.flip()) >= 0) {
        return false;
      }
    }
    return true;
  }
}
