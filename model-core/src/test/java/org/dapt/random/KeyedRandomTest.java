package org.dapt.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class KeyedRandomTest {
  private enum Purpose {
    ORDER
  }

  @Test
  void equalKeysGiveEqualSequencesWhateverWasDrawnBefore() {
    var first = draw(7, "order", "taskA", 3, 2L);
    draw(8, "order", "taskA", 3, 2L);
    assertThat(draw(7, "order", "taskA", 3L, 2)).isEqualTo(first);
    assertThat(draw(7, Purpose.ORDER)).isEqualTo(draw(7, "ORDER"));
  }

  @Test
  void everyPartOfTheKeyMatters() {
    Set<Long> firsts = new HashSet<>();
    firsts.add(KeyedRandom.of(1).nextLong());
    firsts.add(KeyedRandom.of(2).nextLong());
    firsts.add(KeyedRandom.of(1, 2).nextLong());
    firsts.add(KeyedRandom.of(1, "2").nextLong());
    firsts.add(KeyedRandom.of(1, "ab", "c").nextLong());
    firsts.add(KeyedRandom.of(1, "a", "bc").nextLong());
    firsts.add(KeyedRandom.of(1, "c", "ab").nextLong());
    firsts.add(KeyedRandom.of(1, "").nextLong());
    assertThat(firsts).hasSize(8);
  }

  @Test
  void theFirstNumberFollowsFromTheDigestOfTheKey() throws Exception {
    // 'n' and the seed as eight bytes, 't', the length as four bytes and the text.
    var key = new byte[] {'n', 0, 0, 0, 0, 0, 0, 0, 5, 't', 0, 0, 0, 1, 'x'};
    var digest = MessageDigest.getInstance("SHA-256").digest(key);
    var s0 = new BigInteger(digest, 0, 8).longValue();
    var s3 = new BigInteger(digest, 24, 8).longValue();
    assertThat(KeyedRandom.of(5, "x").nextLong()).isEqualTo(Long.rotateLeft(s0 + s3, 23) + s0);
  }

  @Test
  void numbersSpreadEvenly() {
    var random = KeyedRandom.of(11, "spread");
    var counts = new int[16];
    for (var i = 0; i < 160_000; i++) {
      counts[random.nextInt(16)]++;
    }
    // A count has a standard deviation of about 97.
    assertThat(Arrays.stream(counts).boxed()).allMatch(count -> count > 9_500 && count < 10_500);
  }

  @Test
  void otherTypesAreRefused() {
    assertThatThrownBy(() -> KeyedRandom.of(1, 2.0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2.0");
  }

  private static long[] draw(long seed, Object... key) {
    var random = KeyedRandom.of(seed, key);
    return LongStream.generate(random::nextLong).limit(20).toArray();
  }
}
