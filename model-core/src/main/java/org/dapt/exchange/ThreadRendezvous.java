package org.dapt.exchange;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/** Where ranks that are threads of this process meet. */
public final class ThreadRendezvous {
  private static final String LOOPBACK = "127.0.0.1";

  private final String[] texts;
  private final CyclicBarrier barrier;
  private final Duration timeout;

  /**
   * @param timeout how long an exchange may wait for a peer
   */
  public ThreadRendezvous(int ranks, Duration timeout) {
    this.timeout = timeout;
    texts = new String[ranks];
    barrier = new CyclicBarrier(ranks);
  }

  /** The place of one rank. */
  public Rendezvous seat(int rank) {
    return new Seat(rank);
  }

  /** Returns when all ranks have called it. */
  public void await() {
    try {
      barrier.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("A rank was interrupted", e);
    } catch (BrokenBarrierException e) {
      throw new IllegalStateException("Another rank failed", e);
    }
  }

  private final class Seat implements Rendezvous {
    private final int rank;

    Seat(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int ranks() {
      return texts.length;
    }

    @Override
    public String host() {
      return LOOPBACK;
    }

    @Override
    public Duration timeout() {
      return timeout;
    }

    @Override
    public List<String> gather(String text) {
      texts[rank] = text;
      await();
      List<String> all = Arrays.asList(texts.clone());
      await();
      return all;
    }
  }
}
