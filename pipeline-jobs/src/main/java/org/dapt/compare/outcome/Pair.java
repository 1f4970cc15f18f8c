package org.dapt.compare.outcome;

import org.dapt.metric.PairedBootstrap.Difference;

/**
 * Two methods on the same test examples.
 *
 * @param setting of the runs
 * @param order of the tasks, or {@link MethodFigures#ALL_ORDERS}
 * @param first the one whose score stands first
 * @param second the one that is taken from it
 * @param seeds how many runs of each are in it
 * @param examples how many test examples
 * @param difference of their AP, with what resampling the examples makes of it
 */
public record Pair(
    String setting,
    String order,
    String first,
    String second,
    int seeds,
    long examples,
    Difference difference) {}
