package org.dapt.exchange;

import java.time.Duration;
import java.util.List;

/** How the ranks of a gang find each other before they have an exchange. */
public interface Rendezvous {
  /** This rank, from 0. */
  int rank();

  /** The number of ranks, at least 1. */
  int ranks();

  /** The host name or address of this rank's process, as its peers reach it. */
  String host();

  /** How long a rank waits for its peers, here and in every later sum. */
  Duration timeout();

  /**
   * The texts of all ranks, in rank order. Every rank calls it equally often. It may take a second:
   * for setting up only.
   */
  List<String> gather(String text);
}
