package org.dapt.tensor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.io.Dtype;
import org.dapt.io.SafetensorsFile;
import org.dapt.io.SafetensorsWriter;
import org.dapt.io.TensorInfo;

/** Tensors by name, to and from safetensors. */
public final class NamedTensors {
  private NamedTensors() {}

  /** A safetensors file with {@code tensors} in their own types; equal tensors give equal bytes. */
  public static byte[] write(Map<String, Tensor> tensors, Map<String, String> metadata) {
    SafetensorsWriter writer = new SafetensorsWriter();
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) ->
                writer.add(
                    name, Tensors.dtype(tensor), Tensors.shape(tensor), Tensors.toBytes(tensor)));
    return writer.metadata(metadata).toBytes();
  }

  /**
   * All tensors of {@code file}, placed and converted to the type of what is learnt; integers stay
   * integers. They belong to the open scope.
   */
  public static Map<String, Tensor> read(SafetensorsFile file, Placement placement) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : file.names()) {
      TensorInfo info = file.info(name);
      ScalarType as = isReal(info.dtype()) ? placement.learnt() : ScalarType.Long;
      tensors.put(name, placement.of(as, file.data(name), info.dtype(), info.shape()));
    }
    return tensors;
  }

  private static boolean isReal(Dtype dtype) {
    return switch (dtype) {
      case F64, F32, F16, BF16 -> true;
      default -> false;
    };
  }
}
