package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.DeviceChoice;
import org.dapt.tensor.Processor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeChoiceTest {
  private static final Processor WITH = new Processor(Set.of("avx2", "avx512_bf16"));
  private static final Processor WITHOUT = new Processor(Set.of("avx2"));

  @ParameterizedTest
  @CsvSource({
    "AUTO, AUTO, BFLOAT16, FLOAT32",
    "AUTO, CPU, BFLOAT16, FLOAT32",
    "AUTO, CUDA, BFLOAT16, BFLOAT16",
    "FLOAT32, CUDA, FLOAT32, FLOAT32",
    "BFLOAT16, CPU, BFLOAT16, BFLOAT16",
    "FLOAT64, AUTO, FLOAT64, FLOAT64"
  })
  void autoIsBfloat16WhereThatIsFast(
      TypeChoice choice, DeviceChoice device, ComputeType with, ComputeType without) {
    assertThat(choice.on(device, WITH)).isEqualTo(with);
    assertThat(choice.on(device, WITHOUT)).isEqualTo(without);
  }

  /** A comparison makes the choice for each of its runs. */
  @Test
  void aChoiceIsToldOnce() {
    Processor arm = new Processor(Set.of("bf16"));
    Level before = LogManager.getLogger(TypeChoice.class).getLevel();
    Configurator.setLevel(TypeChoice.class.getName(), Level.INFO);
    try (CapturedLog log = new CapturedLog(TypeChoice.class)) {
      for (int run = 0; run < 3; run++) {
        assertThat(TypeChoice.AUTO.on(DeviceChoice.CPU, arm)).isEqualTo(ComputeType.BFLOAT16);
      }
      assertThat(log.lines(Level.INFO))
          .containsExactly("model.dtype = auto: bfloat16, because this processor has bf16");
    } finally {
      Configurator.setLevel(TypeChoice.class.getName(), before);
    }
  }

  /** So that a run goes on in its type on another machine. */
  @Test
  void aRunKeepsTheTypeAndNotTheChoice() {
    DaptConfig config =
        ConfigLoader.load(
            null, List.of("run.dir=r", "model.path=m", "tasks.root=t", "model.dtype=auto"));
    DaptConfig again = ConfigLoader.parse(config.effective(), "stored", List.of());
    assertThat(again.model().dtype()).isEqualTo(config.model().dtype());
    assertThat(config.effective()).contains("dtype=" + config.model().dtype().key());
    DaptConfig named =
        ConfigLoader.load(
            null,
            List.of(
                "run.dir=r",
                "model.path=m",
                "tasks.root=t",
                "model.dtype=" + config.model().dtype().key()));
    assertThat(config.hash()).isEqualTo(named.hash());
  }
}
