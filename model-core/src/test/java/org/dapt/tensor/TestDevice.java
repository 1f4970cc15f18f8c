package org.dapt.tensor;

import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * The device that is not the processor and that tests compute on: the one that {@code
 * -Ddapt.device} names, such as {@code cuda:0}, or else the {@link FakeAccelerator}.
 */
public final class TestDevice {
  private static final String NAME =
      System.getProperty("dapt.device", FakeAccelerator.DEVICE.name());

  private TestDevice() {}

  /** The device, ready; the test that asks ends here where a platform has none. */
  public static Device get() {
    Device device = new Device(NAME);
    if (isFake()) {
      assumeThat(FakeAccelerator.runsHere()).as("a fake accelerator for this platform").isTrue();
      FakeAccelerator.load();
    } else {
      device.require("dapt.device");
    }
    return device;
  }

  /** Whether results have the bits of the processor's. */
  public static boolean isFake() {
    return NAME.equals(FakeAccelerator.DEVICE.name());
  }
}
