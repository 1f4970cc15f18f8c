package org.dapt.gang;

import java.io.Serializable;
import org.dapt.spark.KnownFailure;

/**
 * How a rank ended: with a result, which may be null, or with a failure that no new attempt would
 * cure.
 */
record RankOutcome<R extends Serializable>(int rank, R result, KnownFailure failure)
    implements Serializable {}
