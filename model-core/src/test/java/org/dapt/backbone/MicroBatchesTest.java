package org.dapt.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.dapt.random.KeyedRandom;
import org.junit.jupiter.api.Test;

class MicroBatchesTest {
  private static final int TOKENS = 400;

  @Test
  void everyExampleComesOnceByFallingLengthWithinTheBound() {
    for (int round = 0; round < 50; round++) {
      List<Integer> lengths = lengths(round, 40, 300);
      List<List<Integer>> batches = MicroBatches.byLength(lengths, l -> l, TOKENS);
      assertThat(batches.stream().flatMap(List::stream))
          .containsExactlyElementsOf(lengths.stream().sorted(Comparator.reverseOrder()).toList());
      for (List<Integer> batch : batches) {
        assertThat(batch.size() == 1 || batch.size() * batch.get(0) <= TOKENS).isTrue();
      }
    }
  }

  @Test
  void noOtherCutsCostLess() {
    for (int round = 0; round < 50; round++) {
      List<Integer> lengths = lengths(round, 9, 200);
      List<Integer> sorted = lengths.stream().sorted(Comparator.reverseOrder()).toList();
      List<List<Integer>> batches = MicroBatches.byLength(lengths, l -> l, TOKENS);
      long least = Long.MAX_VALUE;
      for (int cuts = 0; cuts < 1 << (sorted.size() - 1); cuts++) {
        List<List<Integer>> other = cut(sorted, cuts);
        if (other.stream().allMatch(b -> b.size() == 1 || b.size() * b.get(0) <= TOKENS)) {
          least = Math.min(least, cost(other));
        }
      }
      assertThat(cost(batches)).isEqualTo(least);
    }
  }

  @Test
  void equalLengthsStayTogetherInTheirOrder() {
    List<String> names = List.of("a", "b", "c", "d");
    assertThat(MicroBatches.byLength(names, name -> 10, TOKENS)).containsExactly(names);
    assertThat(MicroBatches.byLength(List.<String>of(), String::length, TOKENS)).isEmpty();
  }

  private static List<Integer> lengths(int round, int count, int most) {
    RandomGenerator random = KeyedRandom.of(7, "lengths", round);
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lengths.add(1 + random.nextInt(most));
    }
    return lengths;
  }

  private static List<List<Integer>> cut(List<Integer> sorted, int cuts) {
    List<List<Integer>> batches = new ArrayList<>(List.of(new ArrayList<>()));
    for (int i = 0; i < sorted.size(); i++) {
      batches.get(batches.size() - 1).add(sorted.get(i));
      if ((cuts >> i & 1) == 1) {
        batches.add(new ArrayList<>());
      }
    }
    return batches;
  }

  /** Padded tokens, and 48 for each batch. */
  private static long cost(List<List<Integer>> batches) {
    return batches.stream().mapToLong(batch -> (long) batch.size() * batch.get(0) + 48).sum();
  }
}
