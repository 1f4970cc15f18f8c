package org.dapt.learn;

import org.dapt.config.LearntReference;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.models.ModelSource;
import org.dapt.models.Models;
import org.dapt.random.KeyedRandom;
import org.dapt.tokenizer.TextTokenizer;

/**
 * Which of its references each example of a task is learnt with. A draw follows from the seed, the
 * task and the place of the example: it is the same in every epoch and on every rank.
 *
 * @param tokenizer of the model; null where the first is learnt, whose ids are prepared
 * @param end the id that answers of the task end with, as the prepared ones do; of no use without a
 *     tokenizer
 */
record Targets(PreparedTask data, long seed, TextTokenizer tokenizer, int end) {
  /**
   * The targets of {@code data}.
   *
   * @param seed of the run
   */
  static Targets of(LearntReference reference, PreparedTask data, long seed, ModelSource model) {
    if (reference == LearntReference.FIRST) {
      return new Targets(data, seed, null, 0);
    }
    TextTokenizer tokenizer = Models.tokenizer(model, data.hadoop());
    String template = data.manifest().recipe().template();
    return new Targets(
        data,
        seed,
        tokenizer,
        Prompts.of(template, model.path(), data.hadoop()).answerEnd(tokenizer));
  }

  /** What {@link #of(TokenisedExample)} needs of a row, and training besides. */
  Projection columns() {
    return tokenizer == null ? Projection.TRAINING : Projection.REFERENCES;
  }

  /** The reference that is the target of {@code row}. */
  String text(TokenisedExample row) {
    if (tokenizer == null || row.references().size() == 1) {
      return row.references().get(0);
    }
    int drawn =
        KeyedRandom.of(seed, "reference", data.manifest().task(), row.index())
            .nextInt(row.references().size());
    return row.references().get(drawn);
  }

  /** The target of {@code row}, token ids with the end token. */
  int[] of(TokenisedExample row) {
    if (tokenizer == null || row.references().size() == 1) {
      return row.targetIds();
    }
    return tokenizer.encodeTarget(text(row), data.manifest().recipe().maxTargetTokens(), end).ids();
  }
}
