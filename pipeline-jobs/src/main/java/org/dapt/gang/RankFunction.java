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
}
