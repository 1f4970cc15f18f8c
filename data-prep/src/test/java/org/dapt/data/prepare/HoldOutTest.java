package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.dapt.data.reader.Split;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoldOutTest {
  @ParameterizedTest
  @CsvSource({"1000,0.1,100", "975,0.1,98", "3,0.1,1", "2,0.99,1", "10,0.99,9", "126,0.1,13"})
  void exactlyTheShareIsDrawnAtLeastOneAndNeverAll(long rows, double share, long held) {
    for (var seed = 0; seed < 20; seed++) {
      assertThat(drawn(HoldOut.of(Split.DEV, rows, share, seed, "t"))).hasSize((int) held);
    }
  }

  @Test
  void seedAndTaskDecide() {
    var drawn = drawn(HoldOut.of(Split.DEV, 1000, 0.1, 42, "a"));
    assertThat(drawn(HoldOut.of(Split.DEV, 1000, 0.1, 42, "a"))).isEqualTo(drawn);
    assertThat(drawn(HoldOut.of(Split.DEV, 1000, 0.1, 43, "a"))).isNotEqualTo(drawn);
    assertThat(drawn(HoldOut.of(Split.DEV, 1000, 0.1, 42, "b"))).isNotEqualTo(drawn);
  }

  @Test
  void testIsDrawnByAKeyOfItsOwn() {
    assertThat(drawn(HoldOut.of(Split.TEST, 1000, 0.1, 42, "a")))
        .isNotEqualTo(drawn(HoldOut.of(Split.DEV, 1000, 0.1, 42, "a")));
  }

  @Test
  void everyRowIsEquallyLikely() {
    var counts = new int[10];
    for (var seed = 0; seed < 4000; seed++) {
      drawn(HoldOut.of(Split.DEV, 10, 0.3, seed, "t")).forEach(row -> counts[row.intValue()]++);
    }
    // 1,200 expected, with a standard deviation of 29.
    for (var count : counts) {
      assertThat(count).isBetween(1050, 1350);
    }
  }

  @Test
  void aSingleInstanceCannotBeSplit() {
    assertThatThrownBy(() -> HoldOut.of(Split.DEV, 1, 0.1, 42, "tiny"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Task tiny has 1 training instance");
  }

  private static Set<Long> drawn(HoldOut holdOut) {
    var draw = holdOut.draw();
    return LongStream.range(0, holdOut.rows())
        .filter(row -> draw.next())
        .boxed()
        .collect(Collectors.toSet());
  }
}
