package org.dapt.compare.outcome;

import org.dapt.metric.PairedBootstrap.Difference;

/**
 * Two methods on the same test examples.
 *
 * @param setting of the runs
 * @param order of the tasks, or {@link MethodFigures#ALL_ORDERS}
 * @param measure what is compared: {@link Measure#AP} or {@link Measure#UNSEEN}
 * @param first the one whose score stands first
 * @param second the one that is taken from it
 * @param seeds how many runs of each are in it
 * @param examples how many test examples
 * @param difference of that measure in percentage points, with what resampling the examples makes
 *     of it
 */
public record Pair(
    String setting,
    String order,
    Measure measure,
    String first,
    String second,
    int seeds,
    long examples,
    Difference difference) {}
