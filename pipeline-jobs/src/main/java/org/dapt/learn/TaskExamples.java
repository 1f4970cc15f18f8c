package org.dapt.learn;

import org.dapt.data.shard.Projection;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.loop.ShardData;
import org.dapt.method.Example;
import org.dapt.replay.RecollectedTexts;

/**
 * The examples of a task as they are learnt from.
 *
 * @param texts what the method learns in order to make such examples up; null where it makes up
 *     none
 * @param prefix of their names in messages
 */
record TaskExamples(Targets targets, RecollectedTexts texts, String prefix) {
  /** What is kept of texts from epoch to epoch, in tokens: about 16 MiB. */
  private static final long REMEMBERED = 1 << 22;

  /** The task's part of what is learnt. */
  ShardData.Part part() {
    if (texts == null) {
      return new ShardData.Part(targets.data(), targets.columns(), row -> of(row, null));
    }
    Remembered recollections = new Remembered(this::recollection, REMEMBERED);
    return new ShardData.Part(
        targets.data(), Projection.ALL, row -> of(row, recollections.apply(row)));
  }

  private Example of(TokenisedExample row, Example recollection) {
    return new Example(
        prefix + row.id(), row.index(), row.sourceIds(), targets.of(row), false, recollection);
  }

  private Example recollection(TokenisedExample row) {
    return texts.of(
        prefix + row.id(),
        row.index(),
        targets.data().manifest().task(),
        row.instruction(),
        row.input(),
        targets.text(row));
  }
}
