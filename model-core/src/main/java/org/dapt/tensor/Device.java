package org.dapt.tensor;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.dapt.error.ConfigException;

/**
 * Where tensors lie and are computed with.
 *
 * @param name libtorch's name of it, {@code cpu} for the processor and its memory
 */
public record Device(String name) implements Serializable {
  /** The processor and its memory. */
  public static final Device CPU = new Device("cpu");

  private static final Pattern CUDA = Pattern.compile("cuda:([0-9]{1,3})");

  /** Whether tensors there lie in the memory of this process. */
  public boolean isCpu() {
    return equals(CPU);
  }

  /**
   * Checks that this process can compute there.
   *
   * @param key that named the device
   * @throws ConfigException if it is none of libtorch's, or there is no such one here
   */
  public void require(String key) {
    NativeRuntime.load();
    if (isCpu()) {
      return;
    }
    Matcher cuda = CUDA.matcher(name);
    if (!cuda.matches()) {
      throw new ConfigException(
          key + " is '" + name + "', expected cpu, or cuda:0, cuda:1 and so on.");
    }
    int found = gpus();
    if (Integer.parseInt(cuda.group(1)) >= found) {
      throw new ConfigException(
          "%s is %s, but libtorch finds %s here: it needs the driver, the libraries of CUDA 13 and cuDNN 9 where the loader finds them, and a dapt that was built with -Pgpu. With cpu the processor computes."
              .formatted(key, name, found == 0 ? "no GPU" : found + " GPUs"));
    }
  }

  /** Whether it computes beside this process, which may go on until it needs a result. */
  public boolean isAccelerator() {
    if (isCpu()) {
      return false;
    }
    try (PointerScope scope = new PointerScope()) {
      return torch.isAccelerator(pointer().type());
    }
  }

  /** Waits until everything is computed that this process has asked for there. */
  public void await() {
    if (isAccelerator()) {
      try (PointerScope scope = new PointerScope()) {
        torch.synchronizeDevice(pointer().index());
      }
    }
  }

  /** The GPU that CUDA gives this number. */
  public static Device cuda(int ordinal) {
    return new Device("cuda:" + ordinal);
  }

  /** How many GPUs this process can compute on. */
  public static int gpus() {
    NativeRuntime.load();
    return torch.cuda_is_available() ? (int) torch.cuda_device_count() : 0;
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
