package org.dapt.gang;

import java.util.Optional;
import org.dapt.exchange.GradientExchange;

/**
 * A rank's place in its gang.
 *
 * @param rank this rank, from 0; the id of its Spark partition
 * @param ranks the number of ranks
 * @param attempt how often Spark has started the gang before, 0 at first
 * @param gpu the address of the GPU that Spark gave this rank and no other task, as the discovery
 *     script named it: an index or a UUID. Empty where tasks ask for no GPUs
 * @param exchange sums vectors over the ranks; the gang closes it
 */
public record RankContext(
    int rank, int ranks, int attempt, Optional<String> gpu, GradientExchange exchange) {}
