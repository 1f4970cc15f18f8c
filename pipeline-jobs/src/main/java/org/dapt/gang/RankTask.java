package org.dapt.gang;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.dapt.error.ConfigException;
import org.dapt.error.DaptException;
import org.dapt.error.TrainingException;
import org.dapt.exchange.ExchangeException;
import org.dapt.exchange.ExchangeProvider;
import org.dapt.exchange.GradientExchange;
import org.dapt.spark.HeapExhausted;
import org.dapt.spark.KnownFailure;
import org.dapt.spark.TaskThreads;
import org.dapt.tensor.DeviceMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

/**
 * One rank as a Spark task: sets up the exchange, runs the function, agrees with the peers on how
 * it ended.
 */
final class RankTask<R extends Serializable>
    extends AbstractFunction1<Iterator<Integer>, Iterator<RankOutcome<R>>> implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RankTask.class);

  /** What takes less memory in training. */
  private static final String IN_TRAINING =
      "train.micro-batch-tokens (evaluate.batch-tokens where dev inputs are answered), or set"
          + " train.recompute = true: the run goes on with either";

  private final RankFunction<R> function;
  private final GangOptions options;

  RankTask(RankFunction<R> function, GangOptions options) {
    this.function = function;
    this.options = options;
  }

  @Override
  public Iterator<RankOutcome<R>> apply(Iterator<Integer> seats) {
    BarrierTaskContext context = BarrierTaskContext.get();
    TaskThreads.use();
    RankOutcome<R> outcome = run(context, new BarrierRendezvous(context, options.timeout()));
    return JavaConverters.asScalaIterator(List.of(outcome).iterator());
  }

  private RankOutcome<R> run(BarrierTaskContext context, BarrierRendezvous rendezvous) {
    int rank = rendezvous.rank();
    try {
      function.prepare(rank);
      return together(context, rendezvous);
    } catch (DaptException e) {
      LOG.error("Rank {} ends its gang: {}", rank, e.getMessage());
      return agree(rendezvous, RankVerdict.failed(KnownFailure.of(e)), null, e);
    } catch (OutOfMemoryError e) {
      ConfigException named = HeapExhausted.named(e);
      LOG.error("Rank {} ends its gang: {}", rank, named.getMessage());
      return agree(rendezvous, RankVerdict.failed(KnownFailure.of(named)), null, named);
    } catch (ExchangeException e) {
      LOG.warn("Rank {} lost its peers: {}", rank, e.getMessage());
      return agree(rendezvous, RankVerdict.LOST_PEERS, null, e);
    } catch (RuntimeException e) {
      String found = DeviceMemory.exhausted(e);
      if (found == null) {
        throw e;
      }
      TrainingException named = HeapExhausted.inTensors(found, IN_TRAINING, e);
      LOG.error("Rank {} ends its gang: {}", rank, named.getMessage());
      return agree(rendezvous, RankVerdict.failed(KnownFailure.of(named)), null, named);
    } catch (Exception e) {
      throw new IllegalStateException("Rank " + rank + " failed: " + e.getMessage(), e);
    }
  }

  private RankOutcome<R> together(BarrierTaskContext context, BarrierRendezvous rendezvous)
      throws Exception {
    int rank = rendezvous.rank();
    // Closed before a failed rank meets its peers, because that releases those who wait in a sum.
    try (GradientExchange exchange = ExchangeProvider.named(options.exchange()).open(rendezvous)) {
      R result =
          function.run(
              new RankContext(rank, rendezvous.ranks(), context.stageAttemptNumber(), exchange));
      // Still open: a peer may not yet have read what this rank sent last.
      return agree(rendezvous, RankVerdict.COMPLETE, result, null);
    }
  }

  /**
   * A failure for good ends the task well, so that Spark does not try again; a passing one fails
   * it.
   */
  private RankOutcome<R> agree(
      BarrierRendezvous rendezvous, RankVerdict mine, R result, Throwable cause) {
    List<RankVerdict> verdicts = rendezvous.settle(mine);
    for (RankVerdict verdict : verdicts) {
      if (verdict.failure() != null) {
        return new RankOutcome<>(rendezvous.rank(), null, verdict.failure());
      }
    }
    for (int rank = 0; rank < verdicts.size(); rank++) {
      if (!verdicts.get(rank).complete()) {
        throw new ExchangeException(
            "Rank " + rank + " of " + rendezvous.ranks() + " lost its peers", cause);
      }
    }
    return new RankOutcome<>(rendezvous.rank(), result, null);
  }
}
