package org.dapt.backbone;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.InputException;
import org.dapt.io.ModelFolder;
import org.dapt.io.TensorInfo;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/** The tensors of a model folder, read and compared. */
final class StoredTensors {
  private StoredTensors() {}

  /**
   * A tensor of any size.
   *
   * @param placement its numbers, which are no whole ones, are converted to
   * @throws InputException if one of them is not finite
   */
  static Tensor read(ModelFolder folder, String name, Placement placement) {
    TensorInfo info = folder.info(name);
    Tensor tensor =
        placement.of(placement.scalar(), folder.parts(name), info.dtype(), info.shape());
    Tensors.requireFinite(tensor, folder.origin(name), name);
    return tensor;
  }

  /** Whether two tensors are equal byte by byte. */
  static boolean same(ModelFolder folder, String one, String other) {
    TensorInfo a = folder.info(one);
    TensorInfo b = folder.info(other);
    if (a.dtype() != b.dtype() || !Arrays.equals(a.shape(), b.shape())) {
      return false;
    }
    List<ByteBuffer> left = folder.parts(one);
    List<ByteBuffer> right = folder.parts(other);
    for (int i = 0; i < left.size(); i++) {
      if (left.get(i).mismatch(right.get(i)) >= 0) {
        return false;
      }
    }
    return true;
  }
}
