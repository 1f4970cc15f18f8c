package org.dapt.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.dapt.tensor.Device;
import org.dapt.tensor.DeviceMemory;

/** Waits for a device before a clock is read, and says how much of its memory was taken. */
final class DeviceMeter {
  private final Device device;

  DeviceMeter(Device device) {
    this.device = device;
  }

  /** Returns when the device has done all that it was given; at once for the processor. */
  void finish() {
    device.await();
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
    DeviceMemory.Peak peak = DeviceMemory.peak(device);
    if (peak != null) {
      figures.put("peak_device_mb", BenchResult.mebibytes(peak.allocated()));
      figures.put("reserved_device_mb", BenchResult.mebibytes(peak.reserved()));
    }
    DeviceMemory memory = DeviceMemory.of(device);
    figures.put("used_device_mb", BenchResult.mebibytes(memory.total() - memory.free()));
    figures.put("device_mb", BenchResult.mebibytes(memory.total()));
    return figures;
  }
}
