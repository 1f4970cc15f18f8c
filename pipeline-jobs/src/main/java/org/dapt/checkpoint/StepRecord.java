package org.dapt.checkpoint;

import java.io.Serializable;
import org.dapt.train.StepReport;

/**
 * A step as it is recorded.
 *
 * @param seconds time of the step on rank 0
 */
public record StepRecord(StepReport report, double seconds) implements Serializable {}
