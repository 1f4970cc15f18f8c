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
  /** The task's part of what is learnt. */
  ShardData.Part part() {
    return new ShardData.Part(
        targets.data(), texts == null ? targets.columns() : Projection.ALL, this::of);
  }

  private Example of(TokenisedExample row) {
    String id = prefix + row.id();
    Example recollection =
        texts == null
            ? null
            : texts.of(
                id,
                row.index(),
                targets.data().manifest().task(),
                row.instruction(),
                row.input(),
                targets.text(row));
    return new Example(id, row.index(), row.sourceIds(), targets.of(row), false, recollection);
  }
}
