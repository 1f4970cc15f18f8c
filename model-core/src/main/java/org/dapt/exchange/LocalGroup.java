package org.dapt.exchange;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The ranks of one gang in this process. Whoever comes last to a sum adds all vectors in rank
 * order, so the result does not depend on who that is, and writes it into each of them while their
 * owners wait.
 */
final class LocalGroup {
  private static final Map<String, LocalGroup> GROUPS = new ConcurrentHashMap<>();

  private final String id;
  private final Tensor[] parts;
  private int arrived;
  private int left;
  private long sums;

  /** Why the group cannot sum any more; null while it can. */
  private String broken;

  private LocalGroup(String id, int ranks) {
    this.id = id;
    this.parts = new Tensor[ranks];
  }

  /** The group called {@code id}, which forgets itself when all of its ranks have left. */
  static LocalGroup join(String id, int ranks) {
    return GROUPS.computeIfAbsent(id, name -> new LocalGroup(name, ranks));
  }

  int ranks() {
    return parts.length;
  }

  synchronized void sum(int rank, Tensor flat, Duration timeout) {
    throwIfBroken(rank);
    parts[rank] = flat;
    arrived++;
    if (arrived == parts.length) {
      addUp(rank);
    } else {
      await(rank, timeout);
    }
  }

  synchronized void leave(int rank) {
    breakUp("rank " + rank + " has left");
    left++;
    if (left == parts.length) {
      GROUPS.remove(id, this);
    }
  }

  private void addUp(int rank) {
    try (NoGradGuard frozen = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Tensor total = parts[0];
      for (int i = 1; i < parts.length; i++) {
        if (parts[i].numel() != total.numel()
            || parts[i].scalar_type().intern() != total.scalar_type().intern()) {
          breakUp("rank " + i + " brought " + shape(parts[i]) + ", rank 0 " + shape(total));
          throwIfBroken(rank);
        }
        total.add_(parts[i]);
      }
      for (int i = 1; i < parts.length; i++) {
        parts[i].copy_(total);
      }
    }
    arrived = 0;
    sums++;
    notifyAll();
  }

  private void await(int rank, Duration timeout) {
    long awaited = sums + 1;
    long deadline = System.nanoTime() + timeout.toNanos();
    while (sums < awaited) {
      throwIfBroken(rank);
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        breakUp(
            "only " + arrived + " of " + parts.length + " ranks came to a sum within " + timeout);
        continue;
      }
      try {
        wait(millis);
      } catch (InterruptedException e) {
        breakUp("rank " + rank + " was interrupted");
        Thread.currentThread().interrupt();
        throw new ExchangeException(
            "Rank " + rank + " was interrupted while it waited for its peers", e);
      }
    }
  }

  private void breakUp(String reason) {
    if (broken == null) {
      broken = reason;
    }
    notifyAll();
  }

  private void throwIfBroken(int rank) {
    if (broken != null) {
      throw new ExchangeException(
          "Rank " + rank + " of " + parts.length + " cannot sum: " + broken + ".", null);
    }
  }

  private static String shape(Tensor part) {
    return part.numel() + " numbers of type " + part.scalar_type().intern();
  }
}
