package org.dapt.tensor;

import java.io.Serializable;

/**
 * Where tensors lie and are computed with.
 *
 * @param name libtorch's name of it, {@code cpu} for the processor and its memory
 */
public record Device(String name) implements Serializable {
  /** The processor and its memory. */
  public static final Device CPU = new Device("cpu");

  /** Whether tensors there lie in the memory of this process. */
  public boolean isCpu() {
    return equals(CPU);
  }

  /** libtorch's object for it, which belongs to the open scope. */
  org.bytedeco.pytorch.Device pointer() {
    return new org.bytedeco.pytorch.Device(name);
  }

  @Override
  public String toString() {
    return name;
  }
}
