package org.dapt.sink;

import java.time.Instant;

/**
 * One value of a series.
 *
 * @param series name of what is measured, such as {@code loss/01-colour} or {@code stream/ap}; it
 *     may hold any character that the name of a task may
 * @param step place in the series, from 1: the optimizer step within a task, or the number of tasks
 *     learnt
 * @param time when it was measured
 */
public record MetricPoint(String series, int step, double value, Instant time) {}
