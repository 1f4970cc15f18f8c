package org.dapt.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.method.Example;
import org.junit.jupiter.api.Test;

/** What is made of rows once. */
class RememberedTest {
  private final List<String> made = new ArrayList<>();

  private Example make(TokenisedExample row) {
    made.add(row.input());
    return new Example(row.id(), row.index(), new int[] {1}, new int[row.input().length()]);
  }

  private static TokenisedExample row(long index, String input) {
    return new TokenisedExample(
        index, "row", input, List.of("yes"), new int[] {2}, new int[] {1}, "");
  }

  @Test
  void nothingIsMadeTwiceAsLongAsThereIsRoom() {
    Remembered remembered = new Remembered(this::make, 2 * Remembered.BESIDE + 7);
    Example first = remembered.apply(row(0, "four"));
    Example second = remembered.apply(row(1, "four"));
    assertThat(remembered.apply(row(0, "four"))).isSameAs(first);
    assertThat(made).hasSize(2);
    // What does not fit is made again, and what is smaller still has its place.
    assertThat(remembered.apply(row(1, "four"))).isNotSameAs(second);
    Example third = remembered.apply(row(2, "one"));
    assertThat(remembered.apply(row(2, "one"))).isSameAs(third);
    assertThat(made).containsExactly("four", "four", "four", "one");
  }

  /** Splits number their rows each from 0. */
  @Test
  void rowsOfOneNumberAreToldApart() {
    Remembered remembered = new Remembered(this::make, 1000);
    assertThat(remembered.apply(row(0, "train")).target()).hasSize(5);
    assertThat(remembered.apply(row(0, "dev")).target()).hasSize(3);
  }
}
