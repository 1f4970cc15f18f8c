package org.dapt.method.inflora;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said of blocks that cannot be designed whole. */
class DesignedBlockTest {
  private static final Map<String, Integer> FOUND = Map.of("one.q", 4, "one.v", 3, "two.q", 1);

  @Test
  void layersThatLackDirectionsAreToldTogether() {
    assertThat(DesignedBlock.lack(FOUND, 4, false).orElseThrow())
        .startsWith("in 2 of 3 adapted layers")
        .contains("lora.r = 4", "the fewest (1) in two.q", "method.options.epsilon");
    assertThat(DesignedBlock.lack(FOUND, 1, false)).isEmpty();
  }

  /** Nothing is protected from a first task: it has few tokens, or inputs that are alike. */
  @Test
  void ofAFirstTaskNoEarlierOnesAreBlamed() {
    assertThat(DesignedBlock.lack(FOUND, 4, true).orElseThrow())
        .startsWith("in 2 of 3 adapted layers")
        .doesNotContain("epsilon", "earlier");
  }
}
