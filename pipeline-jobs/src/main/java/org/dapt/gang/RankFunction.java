package org.dapt.gang;

import java.io.Serializable;

/**
 * What every rank of a gang does. It travels to the executors by Java serialization.
 *
 * @param <R> the result of one rank
 */
@FunctionalInterface
public interface RankFunction<R extends Serializable> extends Serializable {
  /**
   * Does this rank's part; the result may be null.
   *
   * <p>A {@link org.dapt.error.DaptException} ends the gang: no new attempt would help. Any other
   * failure makes Spark start all ranks again, with the next {@link RankContext#attempt()}.
   */
  R run(RankContext context) throws Exception;

  /**
   * What a rank does before it meets its peers, for as long as it takes: loading a large model,
   * say. From then on each of them waits for the others for the time of {@code
   * train.exchange-timeout} only. Failures end the gang as those of {@link #run} do.
   *
   * @param rank this rank, from 0
   */
  default void prepare(int rank) throws Exception {}
}
