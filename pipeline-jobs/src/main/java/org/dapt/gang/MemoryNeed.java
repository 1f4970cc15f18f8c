package org.dapt.gang;

/**
 * A rough upper bound of the memory that ranks and evaluations take outside the Java heap, in
 * bytes.
 *
 * @param shared once in every process, however many tasks run in it: the frozen weights
 * @param perRank for every rank besides: activations, gradients, optimizer
 * @param perAnswers for every Spark task besides that answers inputs: blocks, keys and values of a
 *     batch
 * @param beside whether inputs are answered while ranks learn, in the slots that these leave
 */
public record MemoryNeed(long shared, long perRank, long perAnswers, boolean beside) {
  /** What a process with {@code ranks} ranks takes while nothing is answered. */
  public long of(int ranks) {
    return shared + ranks * perRank;
  }

  /** What a process with {@code ranks} ranks and {@code slots} slots takes at most. */
  public long peak(int ranks, int slots) {
    long learning = of(ranks) + (beside ? Math.max(0, slots - ranks) * perAnswers : 0);
    return Math.max(learning, shared + slots * perAnswers);
  }

  /** The same of work in which nothing is answered. */
  public MemoryNeed withoutAnswers() {
    return new MemoryNeed(shared, perRank, 0, false);
  }
}
