package org.dapt.gang;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.dapt.exchange.ExchangeException;
import org.dapt.exchange.Rendezvous;

/**
 * Ranks meet through Spark's barrier: at first to set up the exchange, at the end to tell each
 * other how they fared.
 *
 * <p>A rank that fails while it sets up comes to the end early. Then the same round holds texts of
 * both kinds, all ranks see it, and that round is the last for all of them.
 */
final class BarrierRendezvous implements Rendezvous {
  private static final String SET_UP = "set-up ";
  private static final String VERDICT = "verdict ";

  private final BarrierTaskContext context;
  private final Duration timeout;
  private List<RankVerdict> verdicts;

  BarrierRendezvous(BarrierTaskContext context, Duration timeout) {
    this.context = context;
    this.timeout = timeout;
  }

  @Override
  public int rank() {
    return context.partitionId();
  }

  @Override
  public int ranks() {
    return context.numPartitions();
  }

  @Override
  public String host() {
    String address = context.getTaskInfos()[rank()].address();
    String host = address.substring(0, address.lastIndexOf(':'));
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  @Override
  public Duration timeout() {
    return timeout;
  }

  @Override
  public List<String> gather(String text) {
    List<String> round = round(SET_UP + text);
    if (verdicts != null) {
      throw new ExchangeException(
          "Rank " + rank() + " set up its exchange, but a peer failed to", null);
    }
    return round.stream().map(line -> line.substring(SET_UP.length())).toList();
  }

  /** Tells all ranks how this one fared, and returns how all of them did, in rank order. */
  List<RankVerdict> settle(RankVerdict mine) {
    if (verdicts == null) {
      round(VERDICT + mine.encode());
    }
    return verdicts;
  }

  private List<String> round(String line) {
    // A meeting takes Spark about a second: a gang of one does without.
    List<String> lines = ranks() == 1 ? List.of(line) : List.of(context.allGather(line));
    if (lines.stream().anyMatch(l -> l.startsWith(VERDICT))) {
      verdicts = new ArrayList<>();
      for (String l : lines) {
        verdicts.add(
            l.startsWith(VERDICT)
                ? RankVerdict.decode(l.substring(VERDICT.length()))
                : RankVerdict.LOST_PEERS);
      }
    }
    return lines;
  }
}
