package org.dapt.gang.spark;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.exchange.ExchangeException;
import org.dapt.exchange.GradientExchange;

/**
 * Every rank owns one slice of the vector: it gets that slice from all ranks, adds them in rank
 * order and sends the sum to all. So every number is added up once, in one place.
 */
public final class SparkExchange implements GradientExchange {
  private final Mailbox mailbox;

  /** Messages 2k and 2k + 1 from one rank to another are the slice and the total of sum k. */
  private long next;

  private boolean closed;

  /** Sums by messages of {@code mailbox}, which it leaves when it is closed. */
  public SparkExchange(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  @Override
  public String name() {
    return "spark";
  }

  @Override
  public int rank() {
    return mailbox.rank();
  }

  @Override
  public int ranks() {
    return mailbox.ranks();
  }

  @Override
  public void sum(Tensor flat) {
    long length = flat.numel();
    if (length == 0 || ranks() == 1) {
      return;
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard frozen = new NoGradGuard()) {
      long slice = next;
      long total = next + 1;
      for (int step = 1; step < ranks(); step++) {
        // Each rank begins with another one, so that they do not all send to rank 0 first.
        int owner = (rank() + step) % ranks();
        send(owner, slice, slice(flat, owner));
      }
      Tensor own = slice(flat, rank());
      addUp(own, slice);
      for (int step = 1; step < ranks(); step++) {
        send((rank() + step) % ranks(), total, own);
      }
      for (int step = 1; step < ranks(); step++) {
        int owner = (rank() + step) % ranks();
        read(slice(flat, owner), owner, total);
      }
      mailbox.flush();
      next += 2;
    }
  }

  private void addUp(Tensor own, long message) {
    if (own.numel() == 0) {
      return;
    }
    Tensor mine = own.clone();
    for (int rank = 0; rank < ranks(); rank++) {
      if (rank == 0) {
        take(own, mine, rank, message);
      } else {
        Tensor part = torch.empty_like(own);
        take(part, mine, rank, message);
        own.add_(part);
      }
    }
  }

  private void take(Tensor into, Tensor mine, int rank, long message) {
    if (rank == rank()) {
      into.copy_(mine);
    } else {
      read(into, rank, message);
    }
  }

  private Tensor slice(Tensor flat, int owner) {
    long length = flat.numel();
    long start = length * owner / ranks();
    return flat.narrow(0, start, length * (owner + 1) / ranks() - start);
  }

  private void send(int peer, long message, Tensor slice) {
    if (slice.numel() > 0) {
      byte[] bytes = new byte[Math.toIntExact(bytes(slice))];
      new BytePointer(slice.data_ptr()).get(bytes);
      mailbox.send(peer, message, bytes);
    }
  }

  private void read(Tensor into, int peer, long message) {
    if (into.numel() > 0) {
      byte[] bytes = mailbox.receive(peer, message);
      if (bytes.length != bytes(into)) {
        throw new ExchangeException(
            "Rank "
                + peer
                + " brought "
                + bytes.length
                + " bytes to a sum, rank "
                + rank()
                + " "
                + bytes(into)
                + ".",
            null);
      }
      new BytePointer(into.data_ptr()).put(bytes);
    }
  }

  private static long bytes(Tensor slice) {
    return slice.numel() * slice.element_size();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      // A peer is at most one sum ahead: it cannot end one without this rank.
      mailbox.leave(next, 4);
    }
  }
}
