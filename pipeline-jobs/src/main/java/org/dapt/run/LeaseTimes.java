package org.dapt.run;

import java.time.Duration;

/**
 * The times of a lease.
 *
 * @param heartbeat between two signs of life of the owner
 * @param watch for so long a newcomer looks for a sign of life before it takes over; several
 *     heartbeats
 * @param settle between a take-over and the look whether another newcomer did the same
 */
public record LeaseTimes(Duration heartbeat, Duration watch, Duration settle) {
  /** Checks that the times are positive and a watch is longer than a heartbeat. */
  public LeaseTimes {
    if (heartbeat.isNegative()
        || heartbeat.isZero()
        || settle.isNegative()
        || settle.isZero()
        || watch.compareTo(heartbeat) <= 0) {
      throw new IllegalArgumentException(
          "heartbeat %s, watch %s, settle %s".formatted(heartbeat, watch, settle));
    }
  }

  /** Every 3 s a heartbeat; a newcomer watches 15 s. */
  public static LeaseTimes standard() {
    return new LeaseTimes(Duration.ofSeconds(3), Duration.ofSeconds(15), Duration.ofSeconds(1));
  }
}
