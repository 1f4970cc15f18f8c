package org.dapt.train;

import java.util.List;

/**
 * The steps by which a task was learnt.
 *
 * @param records what rank 0 saw of all steps; of no use on other ranks
 * @param choice the step whose parameters are kept; null where they are those of the last one
 */
public record TakenSteps(List<StepRecord> records, DevChoice choice) {}
