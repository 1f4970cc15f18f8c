package org.dapt.gang;

import java.io.Serializable;
import java.time.Duration;

/**
 * How a gang is set up.
 *
 * @param ranks the number of ranks, at least 1
 * @param exchange the name of an exchange, or {@link #AUTO}
 * @param timeout how long a rank waits for its peers
 * @param allowPlaintext whether vectors may cross the network unprotected although Spark's own
 *     traffic is protected
 */
public record GangOptions(int ranks, String exchange, Duration timeout, boolean allowPlaintext)
    implements Serializable {
  /**
   * {@code local} where the master is local; elsewhere {@code gloo}, or {@code spark} where Spark's
   * own traffic is protected.
   */
  public static final String AUTO = "auto";

  /** Checks the number of ranks. */
  public GangOptions {
    if (ranks < 1) {
      throw new IllegalArgumentException("A gang has at least one rank, not " + ranks);
    }
  }

  GangOptions withExchange(String name) {
    return new GangOptions(ranks, name, timeout, allowPlaintext);
  }
}
