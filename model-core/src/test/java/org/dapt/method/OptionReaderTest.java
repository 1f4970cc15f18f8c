package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dapt.error.ConfigException;
import org.junit.jupiter.api.Test;

class OptionReaderTest {
  private record Own(
      int groups, double rate, double share, boolean keys, String place, String label) {
    static Own read(OptionReader in) {
      return new Own(
          in.wholeNumber("groups", 1, null),
          in.positive("rate", 0.5),
          in.number("share", 0, 1, 0.0),
          in.flag("keys", true),
          in.choice("place", List.of("front", "back"), "front"),
          in.text("label", "none"));
    }
  }

  @Test
  void readsTextsAndValuesAlikeAndFallsBack() {
    assertThat(OptionReader.read(Sections.OWN, Map.of("groups", 2), Own::read))
        .isEqualTo(new Own(2, 0.5, 0, true, "front", "none"));
    Map<String, Object> stated = new HashMap<>(Map.of("groups", "3", "rate", "1e-3", "share", 1));
    stated.putAll(Map.of("keys", "false", "place", "back", "label", 7));
    Own own = new Own(3, 1e-3, 1, false, "back", "7");
    assertThat(OptionReader.read(Sections.OWN, stated, Own::read)).isEqualTo(own);
    OptionReader in = new OptionReader(stated);
    assertThat(Own.read(in)).isEqualTo(own);
    assertThat(OptionReader.read(Sections.OWN, in.values(), Own::read)).isEqualTo(own);
    assertThat(in.problems()).isEmpty();
  }

  @Test
  void reportsAllProblemsAtOnce() {
    Map<String, Object> stated = new TreeMap<>(Map.of("rate", 0, "share", 1.5, "keys", "maybe"));
    stated.putAll(Map.of("place", List.of(), "group", 2));
    assertThatThrownBy(() -> OptionReader.read(Sections.OWN, stated, Own::read))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            """
            method.options.groups is not set, expected a whole number from 1 to 2147483647
            method.options.keys is maybe, expected true or false
            method.options.place is [], expected one of front, back
            method.options.rate is 0, expected a number above 0
            method.options.share is 1.5, expected a number from 0.0 to 1.0
            method.options.group is no option; known are [groups, keys, label, place, rate, share]\
            """);
  }

  @Test
  void numbersOutOfRangeAreNoNumbers() {
    for (Object wrong : List.of(0, 1.5, "1e99", "NaN", "", "two", 4294967297L)) {
      OptionReader in = new OptionReader(Map.of("groups", wrong));
      in.wholeNumber("groups", 1, 1);
      assertThat(in.problems()).as("%s", wrong).containsOnlyKeys("groups");
    }
  }

  @Test
  void nullIsNotStated() {
    Map<String, Object> stated = new HashMap<>();
    stated.put("rate", null);
    OptionReader in = new OptionReader(stated);
    assertThat(in.positive("rate", 2.0)).isEqualTo(2);
    assertThat(in.values()).containsEntry("rate", 2.0);
    assertThat(in.unknown()).isEmpty();
  }
}
