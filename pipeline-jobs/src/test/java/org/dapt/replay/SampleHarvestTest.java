package org.dapt.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.dapt.replay.PseudoSample.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleHarvestTest {
  @Test
  void whatIsLearntIsReadBack() {
    String text = PseudoSample.text("Name the colour.", "A red lamp.", "red");
    assertThat(PseudoSample.parse(text).sample())
        .isEqualTo(new PseudoSample("Name the colour.", "A red lamp.", "red"));
  }

  @ParameterizedTest
  @CsvSource({
    "do this __inp__ with that, GOOD",
    "do this __inp__ with that __ans__, GOOD",
    "do this with that, MALFORMED",
    "do __inp__ this __inp__ with that, MALFORMED",
    "do __ans__ this __inp__ with that, MALFORMED",
    "do this __inp__ with __ans__ a __ans__ b, MALFORMED",
    "__inp__ with that, EMPTY",
    "do this __inp__ __ans__ yes, EMPTY",
    "'', MALFORMED"
  })
  void everyDrawnTextHasAVerdict(String text, Verdict verdict) {
    assertThat(PseudoSample.parse(text).verdict()).isEqualTo(verdict);
    if (verdict == Verdict.GOOD) {
      assertThat(PseudoSample.parse(text).sample())
          .isEqualTo(new PseudoSample("do this", "with that", null));
    }
  }

  @Test
  void spoiltAndRepeatedOnesAreMissingUntilGoodOnesCome() {
    SampleHarvest harvest = new SampleHarvest(4);
    harvest.add(0, 1, "do __inp__ a");
    harvest.add(1, 1, "do __inp__ a __ans__ b");
    harvest.add(2, 1, "nothing");
    harvest.add(3, 1, " __inp__ a");
    assertThat(harvest.missing()).containsExactly(1, 2, 3);
    assertThat(harvest.repeated()).isEqualTo(1);
    assertThat(harvest.malformed()).isEqualTo(1);
    assertThat(harvest.empty()).isEqualTo(1);
    assertThat(harvest.spoilt()).isEqualTo("nothing");
    harvest.add(2, 2, "do __inp__ c");
    assertThat(harvest.missing()).containsExactly(1, 3);
    assertThat(harvest.kept().get(2).attempt()).isEqualTo(2);
    assertThat(harvest.drawn()).isEqualTo(5);
  }
}
