package org.dapt.app;

import java.util.List;
import org.dapt.report.RunResults;

/**
 * What came of learning.
 *
 * @param steps what was done and what was done before, in the order of the flow
 * @param results what the run has come to
 */
public record Learnt(List<StepResult> steps, RunResults results) {}
