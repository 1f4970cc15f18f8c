package org.dapt.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dapt.data.shard.LengthStatistics;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.replay.PseudoSample.MayLack;
import org.dapt.replay.PseudoSample.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleHarvestTest {
  @Test
  void whatIsLearntIsReadBack() {
    String text = PseudoSample.text("Name the colour.", "A red lamp.", "red");
    assertThat(PseudoSample.parse(text, MayLack.NOTHING).sample())
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
    assertThat(PseudoSample.parse(text, MayLack.NOTHING).verdict()).isEqualTo(verdict);
    if (verdict == Verdict.GOOD) {
      assertThat(PseudoSample.parse(text, MayLack.NOTHING).sample())
          .isEqualTo(new PseudoSample("do this", "with that", null));
    }
  }

  @ParameterizedTest
  @CsvSource({
    // definition, examples with an instruction of their own, blank inputs: what samples may lack
    "Name it., 0, 0, false, false",
    "'', 0, 0, true, false",
    "'', 10, 10, false, true",
    "'', 10, 4, false, true",
    "'', 6, 0, true, false"
  })
  void aSampleMayLackWhatExamplesOfItsTaskLack(
      String definition, long instructed, long blank, boolean instruction, boolean input) {
    var lengths = new LengthStatistics(1, 1, 1, 1, 1);
    var examples =
        new SplitContent(10, 10, lengths, lengths, 0, 0, blank, 0, instructed, 0, 0, 0, List.of());
    assertThat(MayLack.of(examples, definition)).isEqualTo(new MayLack(instruction, input));
  }

  @Test
  void aTaskWithoutDefinitionYieldsSamples() {
    SampleHarvest harvest = new SampleHarvest(3, new MayLack(true, false));
    harvest.add(0, 1, PseudoSample.text("", "Which is larger? 2 or 1", "2"));
    harvest.add(1, 1, "__inp__");
    harvest.add(2, 1, "Which is larger? __inp__ __ans__ 2");
    assertThat(harvest.kept()).containsOnlyKeys(0);
    assertThat(harvest.kept().get(0).sample())
        .isEqualTo(new PseudoSample("", "Which is larger? 2 or 1", "2"));
    assertThat(harvest.empty()).isEqualTo(2);
  }

  @Test
  void aTaskOfInstructionsYieldsSamplesWithoutInput() {
    SampleHarvest harvest = new SampleHarvest(2, new MayLack(false, true));
    harvest.add(0, 1, PseudoSample.text("Is 3 odd?", "", "yes"));
    harvest.add(1, 1, "__inp__ 3 __ans__ yes");
    assertThat(harvest.kept().get(0).sample()).isEqualTo(new PseudoSample("Is 3 odd?", "", "yes"));
    assertThat(harvest.missing()).containsExactly(1);
  }

  @Test
  void spoiltAndRepeatedOnesAreMissingUntilGoodOnesCome() {
    SampleHarvest harvest = new SampleHarvest(4);
    harvest.add(0, 1, "do __inp__ a");
    harvest.add(1, 1, "do __inp__ a __ans__ b");
    assertThat(harvest.example()).isEmpty();
    harvest.add(2, 1, "nothing");
    harvest.add(3, 1, " __inp__ a");
    assertThat(harvest.missing()).containsExactly(1, 2, 3);
    assertThat(harvest.repeated()).isEqualTo(1);
    assertThat(harvest.malformed()).isEqualTo(1);
    assertThat(harvest.empty()).isEqualTo(1);
    assertThat(harvest.example()).isEqualTo(" A malformed one: nothing");
    harvest.add(2, 2, "do __inp__ c");
    assertThat(harvest.missing()).containsExactly(1, 3);
    assertThat(harvest.kept().get(2).attempt()).isEqualTo(2);
    assertThat(harvest.drawn()).isEqualTo(5);
  }
}
