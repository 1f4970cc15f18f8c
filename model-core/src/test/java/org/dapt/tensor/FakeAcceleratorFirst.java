package org.dapt.tensor;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Loads the {@link FakeAccelerator} before the first test of a process: at its first backward pass
 * libtorch makes a queue for each device that there is, and none for one that comes later.
 */
public final class FakeAcceleratorFirst implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    if (TestDevice.isFake() && FakeAccelerator.runsHere()) {
      FakeAccelerator.load();
    }
  }
}
