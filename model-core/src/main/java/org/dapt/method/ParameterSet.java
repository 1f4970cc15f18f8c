package org.dapt.method;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * What is learnt, as named tensors that are views of one flat vector, with their gradients in
 * another: one sum over ranks and one optimizer update serve all of them.
 */
public final class ParameterSet implements AutoCloseable {
  /** Bytes of a digest by which ranks compare what they hold. */
  public static final int DIGEST_BYTES = 4;

  /**
   * Entries behind the gradients for what is summed over ranks together with them: summed loss,
   * target and source tokens, the sums of the terms of the batch, and the bytes of a digest.
   */
  public static final int SPARE_SUMS = 3 + BatchTerm.MOST + DIGEST_BYTES;

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Tensor values;
  private final Tensor gradient;
  private final long size;

  /**
   * @param initial starting values, which are copied
   * @param placement of the values and their gradients, which have the type of what is learnt
   */
  public ParameterSet(Map<String, Tensor> initial, Placement placement) {
    size = initial.values().stream().mapToLong(Tensor::numel).sum();
    try (PointerScope scope = new PointerScope()) {
      values = Scopes.keep(placement.zeros(placement.learnt(), size));
      gradient = Scopes.keep(placement.zeros(placement.learnt(), size + SPARE_SUMS));
      long from = 0;
      for (Map.Entry<String, Tensor> entry : initial.entrySet()) {
        long[] shape = Tensors.shape(entry.getValue());
        long length = entry.getValue().numel();
        Tensor parameter = values.narrow(0, from, length).view(shape).detach();
        parameter.copy_(entry.getValue().detach());
        parameter.requires_grad_(true);
        // backward() adds to a gradient that is there in place, hence into the flat vector.
        parameter.mutable_grad().put(gradient.narrow(0, from, length).view(shape));
        tensors.put(entry.getKey(), Scopes.keep(parameter));
        from += length;
      }
    }
  }

  /** The parameters by name; each requires gradients. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /** The parameter {@code name}. */
  public Tensor get(String name) {
    return tensors.get(name);
  }

  /** Copies of all parameters as they are now, by name; they belong to the caller's scope. */
  public Map<String, Tensor> copies() {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    try (NoGradGuard guard = new NoGradGuard()) {
      tensors.forEach(
          (name, tensor) -> copies.put(name, Scopes.inScope(() -> tensor.detach().clone())));
    }
    return copies;
  }

  /** Number of learnt values. */
  public long size() {
    return size;
  }

  /** All values, {@code [size]}. */
  public Tensor values() {
    return values;
  }

  /** All gradients, {@code [size + SPARE_SUMS]}. */
  public Tensor gradientBuffer() {
    return gradient;
  }

  /** All gradients without the spare entries, {@code [size]}. */
  public Tensor gradient() {
    return gradient.narrow(0, 0, size);
  }

  @Override
  public void close() {
    tensors.values().forEach(Scopes::release);
    tensors.clear();
    Scopes.release(values);
    Scopes.release(gradient);
  }
}
