package org.dapt.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.cuda.DeviceStats;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for a device before a clock is read, and says how much of its memory was taken. */
final class DeviceMeter {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceMeter.class);

  private final Device device;

  DeviceMeter(Device device) {
    this.device = device;
  }

  /** Returns when the device has done all that it was given; at once for the processor. */
  void finish() {
    if (!device.isCpu()) {
      torch.synchronizeDevice(ordinal());
    }
  }

  /**
   * In MiB: {@code peak_device_mb}, the most that tensors took since the process started; {@code
   * reserved_device_mb}, the most that libtorch's allocator held for them; {@code used_device_mb},
   * what is taken of {@code device_mb} now, with what the driver and other processes take. Empty
   * for the processor.
   */
  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    if (device.isCpu()) {
      return figures;
    }
    try (PointerScope scope = new PointerScope()) {
      try {
        Counters.add(figures, ordinal());
      } catch (LinkageError e) {
        // Counters need more of CUDA's bindings than computing does.
        LOG.warn("The peak of the device's memory is not known: {}", e.toString());
      }
      SizeTPair memory = torch.getMemoryInfo(ordinal());
      figures.put("used_device_mb", BenchResult.mebibytes(memory.second() - memory.first()));
      figures.put("device_mb", BenchResult.mebibytes(memory.second()));
    }
    return figures;
  }

  /** Apart from the rest: its classes load libraries of CUDA. */
  private static final class Counters {
    static void add(Map<String, Object> figures, byte ordinal) {
      DeviceStats stats = torch.getDeviceStats(ordinal);
      figures.put("peak_device_mb", BenchResult.mebibytes(stats.allocated_bytes().peak()));
      figures.put("reserved_device_mb", BenchResult.mebibytes(stats.reserved_bytes().peak()));
    }
  }

  private byte ordinal() {
    return Byte.parseByte(device.name().substring(device.name().indexOf(':') + 1));
  }
}
