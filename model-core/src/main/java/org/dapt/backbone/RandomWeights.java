package org.dapt.backbone;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.ComputeType;

/** Weights of models that nobody has trained, for measurements: their values mean nothing. */
final class RandomWeights {
  private RandomWeights() {}

  /**
   * The weight {@code name}: a vector, which belongs to a norm, holds ones; a matrix is normal with
   * standard deviation 1/(2√columns), so that activations neither vanish nor overflow. Equal names
   * and shapes give equal values.
   */
  static Tensor draw(String name, ComputeType type, long... shape) {
    TensorOptions options = new TensorOptions(type.scalar());
    if (shape.length == 1) {
      return torch.ones(shape, options);
    }
    double deviation = 0.5 / Math.sqrt((double) shape[shape.length - 1]);
    CRC32 seed = new CRC32();
    seed.update(name.getBytes(StandardCharsets.UTF_8));
    // A generator of its own: libtorch's process-wide one is left as it is.
    GeneratorOptional generator = new GeneratorOptional(torch.createCPUGenerator(seed.getValue()));
    return torch.empty(shape, options, null).normal_(0, deviation, generator);
  }
}
