package org.dapt.gang;

import org.dapt.spark.KnownFailure;

/**
 * How a rank fared, as it tells its peers.
 *
 * @param complete whether it did all of its work
 * @param failure what stopped it for good; null if nothing did, or if it only missed its peers
 */
record RankVerdict(boolean complete, KnownFailure failure) {
  static final RankVerdict COMPLETE = new RankVerdict(true, null);
  static final RankVerdict LOST_PEERS = new RankVerdict(false, null);

  static RankVerdict failed(KnownFailure failure) {
    return new RankVerdict(false, failure);
  }

  String encode() {
    if (failure != null) {
      return failure.type() + "\n" + failure.message();
    }
    return complete ? "complete" : "lost";
  }

  static RankVerdict decode(String text) {
    int split = text.indexOf('\n');
    if (split >= 0) {
      return failed(new KnownFailure(text.substring(0, split), text.substring(split + 1)));
    }
    return text.equals("complete") ? COMPLETE : LOST_PEERS;
  }
}
