package org.dapt.train;

import java.io.IOException;
import org.dapt.method.Learner;

/** How good what is learnt so far is on the dev split. */
@FunctionalInterface
public interface DevScore {
  /**
   * The score of {@code learner} as it is now, larger ones being better. Called by all ranks at the
   * same steps; all of them return the same bits.
   *
   * @param step how many steps were taken
   */
  double of(Learner learner, long step) throws IOException;
}
