package org.dapt.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dapt.config.ConfigLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskDataTest {
  /** Positions of a model are taken by prompts as well as by tokens. */
  @ParameterizedTest
  @CsvSource({"dapt-lora, 0", "lfpt5, 20", "prog-prompt, 60", "l2p, 100"})
  void itIsToldWhatStandsInFrontOfInputs(String method, int prefix) {
    var config =
        ConfigLoader.parse(
            "",
            "nothing",
            List.of(
                "method.name=" + method,
                "prompt.length=20",
                "model.path=model",
                "run.dir=run",
                "tasks.root=tasks",
                "tasks.order=[a,b,c]"));
    assertThat(TaskData.settings(config, "a").prefix()).isEqualTo(prefix);
    assertThat(TaskData.unseen(config, "elsewhere", "d").prefix()).isEqualTo(prefix);
  }
}
