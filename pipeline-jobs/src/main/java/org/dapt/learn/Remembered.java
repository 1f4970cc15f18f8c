package org.dapt.learn;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.method.Example;

/**
 * What is made of the rows of a task, kept for the next epoch as far as there is room: to make it
 * again may take longer than to learn it. Not safe for use by several threads.
 */
final class Remembered implements Function<TokenisedExample, Example> {
  /** What an example takes of the heap beside its target tokens, in tokens. */
  static final int BESIDE = 64;

  private final Function<TokenisedExample, Example> make;
  private final Map<Key, Example> made = new HashMap<>();
  private long room;

  /** A row of one of the splits, which number theirs from 0 each. */
  private record Key(long index, int content) {
    static Key of(TokenisedExample row) {
      return new Key(
          row.index(), Objects.hash(row.id(), row.instruction(), row.input(), row.references()));
    }
  }

  /**
   * @param make always makes the same of a row
   * @param tokens most target tokens that are kept, each example having {@link #BESIDE} more
   */
  Remembered(Function<TokenisedExample, Example> make, long tokens) {
    this.make = make;
    room = tokens;
  }

  @Override
  public Example apply(TokenisedExample row) {
    Key key = Key.of(row);
    Example known = made.get(key);
    if (known != null) {
      return known;
    }
    Example example = make.apply(row);
    int size = BESIDE + example.target().length;
    if (size <= room) {
      room -= size;
      made.put(key, example);
    }
    return example;
  }
}
