/**
 * Scores of predictions (ROUGE-L, exact match) and of a stream of tasks (average performance,
 * forgetting, transfer).
 *
 * <p>The definitions, with worked examples, are in {@code docs/metrics.md}.
 */
package org.dapt.metric;
