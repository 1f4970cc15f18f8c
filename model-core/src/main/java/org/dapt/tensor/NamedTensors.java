package org.dapt.tensor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.InputException;
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
      ScalarType as = info.dtype().isReal() ? placement.learnt() : ScalarType.Long;
      tensors.put(name, placement.of(as, file.data(name), info.dtype(), info.shape()));
    }
    return tensors;
  }

  /**
   * As {@link #read}, of a file that holds real numbers only, all of which are finite in the type
   * of what is learnt.
   *
   * @throws InputException if it holds others; it names file and tensor
   */
  public static Map<String, Tensor> readReal(SafetensorsFile file, Placement placement) {
    for (String name : file.names()) {
      if (!file.info(name).dtype().isReal()) {
        throw new InputException(
            ("%s: tensor %s is stored as %s, a type of whole numbers; float32, float16 or bfloat16"
                    + " is expected. Write the file again from the unquantised tensors.")
                .formatted(file.origin(), name, file.info(name).dtype()));
      }
    }
    Map<String, Tensor> tensors = read(file, placement);
    tensors.forEach((name, tensor) -> Tensors.requireFinite(tensor, file.origin(), name));
    return tensors;
  }
}
