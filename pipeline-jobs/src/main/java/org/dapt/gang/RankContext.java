package org.dapt.gang;

import org.dapt.exchange.GradientExchange;

/**
 * A rank's place in its gang.
 *
 * @param rank this rank, from 0; the id of its Spark partition
 * @param ranks the number of ranks
 * @param attempt how often Spark has started the gang before, 0 at first
 * @param exchange sums vectors over the ranks; the gang closes it
 */
public record RankContext(int rank, int ranks, int attempt, GradientExchange exchange) {}
