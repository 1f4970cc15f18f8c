package org.dapt.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CUDA's number of a GPU, of which Spark tells an index or a UUID. */
class VisibleGpusTest {
  private static final List<String> MACHINE = List.of("GPU-aaaa-0", "GPU-bbbb-1", "GPU-cccc-2");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "none              | 2          | 2",
        "none              | GPU-bbbb-1 | 1",
        "2,0               | 0          | 1",
        "2,0               | 2          | 0",
        "2, 0              | GPU-aaaa-0 | 1",
        "GPU-cccc,GPU-aaaa | GPU-aaaa-0 | 1",
        "GPU-cccc,GPU-aaaa | 2          | 0",
        "MIG-7f            | MIG-7f0a   | 0"
      })
  void isThatOfTheVariable(String visible, String address, int ordinal) {
    assertThat(of(visible).ordinal(address)).isEqualTo(ordinal);
  }

  @Test
  void oneThatIsHiddenOrUnknownIsRefused() {
    assertThatThrownBy(() -> of("2,0").ordinal("1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("GPU 1", "CUDA_VISIBLE_DEVICES=2,0", "gpu-discovery");
    assertThatThrownBy(() -> of(null).ordinal("GPU-dddd"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("GPU-dddd", "GPU-aaaa-0");
  }

  private static VisibleGpus of(String visible) {
    return new VisibleGpus(
        visible == null ? List.of() : List.of(visible.split(", *")), () -> MACHINE);
  }
}
