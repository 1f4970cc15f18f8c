package org.dapt.gang;

/**
 * A rough upper bound of the memory that ranks take outside the Java heap, in bytes.
 *
 * @param shared once in every process, however many ranks run in it: the frozen weights
 * @param perRank for every rank besides: activations, gradients, optimizer
 */
public record MemoryNeed(long shared, long perRank) {
  /** What a process with {@code ranks} ranks takes. */
  public long of(int ranks) {
    return shared + ranks * perRank;
  }
}
