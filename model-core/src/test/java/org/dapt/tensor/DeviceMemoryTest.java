package org.dapt.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class DeviceMemoryTest {
  @Test
  void aTensorThatDoesNotFitIsKnownByWhatLibtorchSays() {
    Throwable failure =
        catchThrowable(
            () -> {
              try (PointerScope scope = new PointerScope()) {
                Placement.cpu(ComputeType.FLOAT32).zeros(ScalarType.Float, 1L << 46);
              }
            });
    assertThat(DeviceMemory.exhausted(failure))
        .isEqualTo("you tried to allocate 281474976710656 bytes");
    assertThat(DeviceMemory.exhausted(new IllegalStateException("wrapped", failure))).isNotNull();
  }

  @Test
  void aFullGpuIsKnownToo() {
    String text =
        "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.11 GiB"
            + " of which 3.00 GiB is free.\nException raised from malloc at CUDACachingAllocator";
    assertThat(DeviceMemory.exhausted(new RuntimeException(text)))
        .startsWith("CUDA out of memory. Tried to allocate 20.00 GiB.")
        .endsWith("3.00 GiB is free.");
  }

  @Test
  void otherFailuresAreNone() {
    assertThat(DeviceMemory.exhausted(new RuntimeException("mat1 and mat2 cannot be multiplied")))
        .isNull();
    assertThat(DeviceMemory.exhausted(new OutOfMemoryError("Java heap space"))).isNull();
    assertThat(DeviceMemory.exhausted(new RuntimeException((String) null))).isNull();
  }
}
