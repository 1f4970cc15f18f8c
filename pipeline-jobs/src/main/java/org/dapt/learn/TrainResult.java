package org.dapt.learn;

import java.io.Serializable;
import java.util.List;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.NativeRuntime;
import org.dapt.train.DevChoice;
import org.dapt.train.StepRecord;

/**
 * What rank 0 hands back.
 *
 * @param learnt the learnt task
 * @param steps all steps
 * @param choice the step whose parameters are kept; null where they are those of the last one
 * @param frozenSha256 digest of the base model's weights and of all older blocks and keys, the same
 *     before and after; empty where it was not asked for
 * @param residentBytes physical memory of the rank's process at the end
 * @param peakResidentBytes the most that it has had
 * @param deviceBytes the most memory that tensors of the process had on its GPU; 0 where the
 *     processor computed, or none is known
 * @param trainedParameters how many numbers were learnt
 */
record TrainResult(
    TaskArtifacts.Packed learnt,
    List<StepRecord> steps,
    DevChoice choice,
    String frozenSha256,
    long residentBytes,
    long peakResidentBytes,
    long deviceBytes,
    long trainedParameters)
    implements Serializable {
  /** What was not learnt on ranks. */
  static TrainResult without(TaskArtifacts.Packed learnt) {
    return new TrainResult(
        learnt,
        List.of(),
        null,
        "",
        NativeRuntime.residentBytes(),
        NativeRuntime.peakResidentBytes(),
        0,
        0);
  }
}
