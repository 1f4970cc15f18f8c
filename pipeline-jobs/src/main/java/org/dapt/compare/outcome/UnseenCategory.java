package org.dapt.compare.outcome;

import java.util.Comparator;

/**
 * A category of tasks that runs have not learnt.
 *
 * @param set the name of the set of such tasks
 * @param category its name, or {@link #ALL} for all tasks of the set
 */
public record UnseenCategory(String set, String category) implements Comparable<UnseenCategory> {
  /** Stands for the tasks of all categories. */
  public static final String ALL = "(all)";

  private static final Comparator<UnseenCategory> BY_NAME =
      Comparator.comparing(UnseenCategory::set)
          .thenComparing(one -> one.category.equals(ALL))
          .thenComparing(UnseenCategory::category);

  /** By set and name, all categories together last. */
  @Override
  public int compareTo(UnseenCategory other) {
    return BY_NAME.compare(this, other);
  }
}
