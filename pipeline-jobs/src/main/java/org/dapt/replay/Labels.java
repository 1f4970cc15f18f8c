package org.dapt.replay;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The labels of a task: the different answers of its training examples, where these are few and not
 * each example has its own.
 */
final class Labels {
  private Labels() {}

  /**
   * The labels as the model would write them; none where there are more than {@code most}, or as
   * many as examples: then they are no labels but there are few examples.
   *
   * @param tokenizer of the model: what it does not tell apart is no other label
   */
  static Set<String> of(PreparedTask data, int most, TextTokenizer tokenizer) throws IOException {
    long examples = data.manifest().split(Split.TRAIN).examples();
    Set<String> answers = new TreeSet<>();
    for (int shard = 0; shard < data.shards(); shard++) {
      try (ShardReader reader = data.reader(Split.TRAIN, shard, Projection.REFERENCES)) {
        for (int group = 0; group < reader.rowGroups(); group++) {
          for (TokenisedExample row : reader.readRowGroup(group)) {
            answers.addAll(row.references());
          }
          if (answers.size() > most) {
            return Set.of();
          }
        }
      }
    }
    if (answers.size() >= examples) {
      return Set.of();
    }
    Set<String> labels = new TreeSet<>();
    int end = tokenizer.rules().targetEnd();
    for (String answer : answers) {
      int[] ids = tokenizer.encodeTarget(answer, Integer.MAX_VALUE, end).ids();
      labels.add(tokenizer.decode(ids).strip());
    }
    return labels;
  }
}
