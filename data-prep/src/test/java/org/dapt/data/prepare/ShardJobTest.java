package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardJobTest {
  @ParameterizedTest
  @CsvSource({"8, 1, 1", "8, 2, 2", "8, 3, 3", "8, 8, 8", "8, 64, 8", "1, 4, 1", "5, 2, 2"})
  void aPassForEachTaskThatRunsAtOnceButNoneWithoutAShard(int shards, int most, int jobs) {
    List<List<Integer>> parts =
        ShardJob.of(null, shards, most).stream().map(ShardJob::shards).toList();

    assertThat(parts).hasSize(jobs);
    assertThat(parts.stream().flatMap(List::stream))
        .containsExactlyElementsOf(IntStream.range(0, shards).boxed().toList());
    assertThat(parts)
        .allSatisfy(part -> assertThat(part).hasSizeBetween(shards / jobs, shards / jobs + 1));
  }
}
