package org.dapt.app;

import org.dapt.job.Outcome;

/**
 * A step that was carried out.
 *
 * @param step what was to be done
 * @param outcome what came of it
 */
public record StepResult(Step step, Outcome outcome) {}
