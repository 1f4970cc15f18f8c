package org.dapt.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LengthCountsTest {
  @Test
  void percentilesAreByNearestRank() {
    var counts = new LengthCounts(512);
    IntStream.rangeClosed(1, 10).forEach(i -> counts.add(i * i));
    assertThat(counts.summary()).isEqualTo(new LengthStatistics(1, 38.5, 25, 81, 100));
  }

  @Test
  void oneLengthIsEveryStatistic() {
    var counts = new LengthCounts(8);
    counts.add(8);
    assertThat(counts.summary()).isEqualTo(new LengthStatistics(8, 8, 8, 8, 8));
  }

  @Test
  void partsAddUpToTheWhole() {
    var whole = new LengthCounts(100);
    var sum = new LengthCounts(100);
    for (var part = 0; part < 3; part++) {
      var counts = new LengthCounts(100);
      for (var i = 0; i < 20 + part; i++) {
        counts.add((i * 31 + part) % 101);
        whole.add((i * 31 + part) % 101);
      }
      sum.addAll(counts);
    }
    assertThat(sum.summary()).isEqualTo(whole.summary());
    sum.addAll(new LengthCounts(100));
    assertThat(sum.summary()).isEqualTo(whole.summary());
  }
}
