package org.dapt.exchange;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.AllreduceOptions;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.ReduceOp;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * One rank of a Gloo process group. Gloo reduces every slice along a ring: one order of additions
 * for all ranks.
 */
final class GlooExchange implements GradientExchange {
  private final PrivateStore store;
  private final ProcessGroupGloo group;
  private final int rank;
  private final int ranks;
  private boolean closed;

  /** Connects to all peers. The exchange closes the store with itself. */
  GlooExchange(PrivateStore store, Rendezvous rendezvous) {
    this.rank = rendezvous.rank();
    this.ranks = rendezvous.ranks();
    this.group = connect(store.pointer(), rendezvous);
    this.store = store;
    // Outlives the memory scope in which it was made.
    group.retainReference();
  }

  private static ProcessGroupGloo connect(FileStore store, Rendezvous rendezvous) {
    try {
      ProcessGroupGloo.Options options =
          ProcessGroupGloo.Options.create(new Milliseconds(rendezvous.timeout().toMillis()));
      options.devices().push_back(ProcessGroupGloo.createDeviceForHostname(rendezvous.host()));
      return new ProcessGroupGloo(store, rendezvous.rank(), rendezvous.ranks(), options);
    } catch (RuntimeException e) {
      throw new ExchangeException(
          "Rank "
              + rendezvous.rank()
              + " of "
              + rendezvous.ranks()
              + " on "
              + rendezvous.host()
              + " cannot connect to its peers within "
              + rendezvous.timeout()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  @Override
  public String name() {
    return "gloo";
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int ranks() {
    return ranks;
  }

  @Override
  public void sum(Tensor flat) {
    if (flat.numel() == 0) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      AllreduceOptions options = new AllreduceOptions();
      options.reduceOp(new ReduceOp(ReduceOp.RedOpType.SUM));
      group.allreduce(new TensorVector(flat), options)._wait();
    } catch (RuntimeException e) {
      throw new ExchangeException(
          "Rank "
              + rank
              + " of "
              + ranks
              + " cannot sum: a peer has left, died or not come in time ("
              + e.getMessage()
              + ").",
          e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      // Closes the connections, which releases the peers. The store goes last: the group refers to
      // it.
      group.releaseReference();
      store.close();
    }
  }
}
