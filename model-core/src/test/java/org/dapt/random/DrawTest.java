package org.dapt.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DrawTest {
  @ParameterizedTest
  @CsvSource({"0, 5", "1, 1", "3, 10", "10, 10", "17, 400"})
  void takesExactlyAsManyAsWanted(int wanted, int all) {
    for (int seed = 0; seed < 50; seed++) {
      Draw draw = new Draw(wanted, all, KeyedRandom.of(seed, "draw"));
      int taken = 0;
      for (int i = 0; i < all; i++) {
        taken += draw.next() ? 1 : 0;
      }
      assertThat(taken).isEqualTo(wanted);
    }
  }

  @Test
  void everyItemIsTakenEquallyOften() {
    int draws = 4000;
    int[] taken = new int[10];
    for (int seed = 0; seed < draws; seed++) {
      Draw draw = new Draw(3, 10, KeyedRandom.of(seed, "draw"));
      for (int i = 0; i < taken.length; i++) {
        taken[i] += draw.next() ? 1 : 0;
      }
    }
    // Five standard deviations of a binomial share.
    double tolerance = 5 * Math.sqrt(0.3 * 0.7 / draws);
    for (int count : taken) {
      assertThat((double) count / draws).isCloseTo(0.3, within(tolerance));
    }
  }

  @Test
  void moreThanThereAreCannotBeDrawn() {
    assertThatThrownBy(() -> new Draw(6, 5, KeyedRandom.of(1, "draw")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
