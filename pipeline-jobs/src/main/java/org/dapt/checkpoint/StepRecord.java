package org.dapt.checkpoint;

import java.io.Serializable;
import org.dapt.train.StepReport;

/**
 * A step as it is recorded.
 *
 * @param seconds time of the step on rank 0
 * @param exchangeSeconds the part of {@code seconds} that rank 0 spent in the sum over ranks,
 *     waiting for the slowest of them included
 */
public record StepRecord(StepReport report, double seconds, double exchangeSeconds)
    implements Serializable {}
