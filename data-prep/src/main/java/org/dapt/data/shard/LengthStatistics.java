package org.dapt.data.shard;

/**
 * Lengths of the sequences of a split in tokens, after the cut and with the end token.
 *
 * @param min the shortest
 * @param mean the mean
 * @param p50 the median, by nearest rank
 * @param p90 the 90th percentile, by nearest rank
 * @param max the longest
 */
public record LengthStatistics(int min, double mean, int p50, int p90, int max) {}
