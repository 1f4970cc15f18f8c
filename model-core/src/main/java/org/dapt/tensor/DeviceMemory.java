package org.dapt.tensor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.global.torch;

/**
 * The memory of a device.
 *
 * @param free bytes that nobody has, on a GPU other processes included
 * @param total its size in bytes
 */
public record DeviceMemory(long free, long total) {
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
    SizeTPair found = torch.getMemoryInfo(device.pointer().index());
    return new DeviceMemory(found.first(), found.second());
  }

  /**
   * The most bytes that tensors of this process have had on {@code device} so far; of the
   * processor's memory what the whole process has had. -1 where libtorch does not say.
   */
  public static long peak(Device device) {
    if (device.isCpu()) {
      return NativeRuntime.peakResidentBytes();
    }
    try {
      return AllocatorStats.peak(device.pointer().index());
    } catch (LinkageError e) {
      // The counters come with the libraries of CUDA, which other devices do without.
      return -1;
    }
  }

  /** Apart from the rest: its classes load libraries of CUDA. */
  private static final class AllocatorStats {
    static long peak(byte index) {
      return torch.getDeviceStats(index).allocated_bytes().peak();
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
