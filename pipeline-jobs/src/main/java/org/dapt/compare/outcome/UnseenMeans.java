package org.dapt.compare.outcome;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.score.ScoreRow;
import org.dapt.score.UnseenScores;

/**
 * How a run fares on tasks that it has not learnt: ROUGE-L, in which all of them can be told.
 *
 * @param categories the mean over the tasks of each category, and over all of the set
 * @param mean over all tasks; empty where there are none
 */
record UnseenMeans(SortedMap<UnseenCategory, Double> categories, OptionalDouble mean) {
  /** Of what a run has after its last task. */
  static UnseenMeans of(Optional<UnseenScores> scores) {
    SortedMap<UnseenCategory, Double> categories = new TreeMap<>();
    if (scores.isEmpty()) {
      return new UnseenMeans(categories, OptionalDouble.empty());
    }
    UnseenScores set = scores.get();
    for (UnseenScores.Category category : set.categories()) {
      set.mean(category.tasks(), ScoreRow.ROUGE_L)
          .ifPresent(mean -> categories.put(new UnseenCategory(set.set(), category.name()), mean));
    }
    OptionalDouble all = set.mean(set.tasks(), ScoreRow.ROUGE_L);
    all.ifPresent(mean -> categories.put(new UnseenCategory(set.set(), UnseenCategory.ALL), mean));
    return new UnseenMeans(categories, all);
  }
}
