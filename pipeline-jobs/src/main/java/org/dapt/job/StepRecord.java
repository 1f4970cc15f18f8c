package org.dapt.job;

import java.io.Serializable;
import org.dapt.train.StepReport;

/**
 * A step as it is recorded.
 *
 * @param seconds time of the step on rank 0
 */
record StepRecord(StepReport report, double seconds) implements Serializable {}
