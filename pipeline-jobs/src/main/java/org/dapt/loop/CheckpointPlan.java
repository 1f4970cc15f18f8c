package org.dapt.loop;

import java.io.Serializable;
import java.time.Duration;

/**
 * Where and when checkpoints are written.
 *
 * @param folder of their own
 * @param fingerprint of everything that decides what is learnt: a checkpoint with another one is
 *     left alone
 * @param everySteps steps from one to the next, 0 for no such bound
 * @param interval time from one to the next, zero for no such bound
 * @param kept how many of the newest are kept, at least 1
 */
public record CheckpointPlan(
    String folder, String fingerprint, int everySteps, Duration interval, int kept)
    implements Serializable {}
