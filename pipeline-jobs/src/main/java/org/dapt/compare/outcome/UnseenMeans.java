package org.dapt.compare.outcome;

import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.score.ScoreRow;
import org.dapt.score.UnseenScores;

/**
 * How a run fares on tasks that it has not learnt: ROUGE-L, in which all of them can be told.
 *
 * @param categories the mean over the tasks of each category, and over all of a set
 * @param mean over all tasks of all sets; empty where there are none
 */
record UnseenMeans(SortedMap<UnseenCategory, Double> categories, OptionalDouble mean) {
  /** Of what a run has after its last task. */
  static UnseenMeans of(List<UnseenScores> sets) {
    SortedMap<UnseenCategory, Double> categories = new TreeMap<>();
    double sum = 0;
    long tasks = 0;
    for (UnseenScores set : sets) {
      for (UnseenScores.Category category : set.categories()) {
        set.mean(category.tasks(), ScoreRow.ROUGE_L)
            .ifPresent(
                mean -> categories.put(new UnseenCategory(set.set(), category.name()), mean));
      }
      OptionalDouble all = set.mean(set.tasks(), ScoreRow.ROUGE_L);
      if (all.isPresent()) {
        categories.put(new UnseenCategory(set.set(), UnseenCategory.ALL), all.getAsDouble());
        sum += all.getAsDouble() * set.tasks().size();
        tasks += set.tasks().size();
      }
    }
    return new UnseenMeans(
        categories, tasks == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / tasks));
  }
}
