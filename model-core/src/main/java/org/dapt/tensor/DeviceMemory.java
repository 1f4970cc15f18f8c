package org.dapt.tensor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.cuda.DeviceStats;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of a device.
 *
 * @param free bytes that nobody has, on a GPU other processes included
 * @param total its size in bytes
 */
public record DeviceMemory(long free, long total) {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceMemory.class);

  /** How libtorch's allocators begin when they get none: those of GPUs, and the processor's. */
  private static final Pattern EXHAUSTED =
      Pattern.compile("\\w+ out of memory\\.[^\\n]*|you tried to allocate \\d+ bytes");

  private static final int SHOWN = 250;

  /**
   * The memory of a GPU as it is now.
   *
   * @param device another one than the processor
   */
  public static DeviceMemory of(Device device) {
    try (PointerScope scope = new PointerScope()) {
      SizeTPair found = torch.getMemoryInfo(device.pointer().index());
      return new DeviceMemory(found.first(), found.second());
    }
  }

  /**
   * The most that this process has had of a GPU so far, in bytes.
   *
   * @param allocated of tensors
   * @param reserved what libtorch's allocator held for them
   */
  public record Peak(long allocated, long reserved) {}

  /**
   * The most that this process has had of a GPU; null where libtorch does not say: its counters
   * need more of CUDA's bindings than computing does.
   *
   * @param device another one than the processor
   */
  public static Peak peak(Device device) {
    try (PointerScope scope = new PointerScope()) {
      return Counters.peak(device.pointer().index());
    } catch (LinkageError e) {
      LOG.warn("The peak of the memory of {} is not known: {}", device, e.toString());
      return null;
    }
  }

  /** Apart from the rest: its classes load libraries of CUDA. */
  private static final class Counters {
    static Peak peak(byte index) {
      DeviceStats stats = torch.getDeviceStats(index);
      return new Peak(stats.allocated_bytes().peak(), stats.reserved_bytes().peak());
    }
  }

  /**
   * What libtorch says where {@code failure} is that it got no memory for a tensor, in one line;
   * null where it is another failure.
   */
  public static String exhausted(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
        .filter(cause -> cause instanceof RuntimeException && cause.getMessage() != null)
        .map(cause -> EXHAUSTED.matcher(cause.getMessage()))
        .filter(Matcher::find)
        .map(found -> found.group().substring(0, Math.min(SHOWN, found.group().length())))
        .findFirst()
        .orElse(null);
  }
}
