package org.dapt.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.dapt.train.DevChoice;

/**
 * What the marker of a learnt task tells about learning it.
 *
 * @param sha256 digest of what was learnt
 * @param frozenSha256 digest of the base model's weights and of all older blocks and keys, the same
 *     before and after; empty where it was not asked for
 * @param steps optimizer steps
 * @param plannedSteps how many there were to be; more where dev ended the task early
 * @param seconds from the start of the gang to its end, and of the steps that were taken before by
 *     one that was cut off
 * @param tokens source and target tokens of all ranks
 * @param tokensPerSecond these per second of the steps
 * @param ranks data-parallel ranks
 * @param exchange how the ranks summed their gradients
 * @param residentBytes physical memory of rank 0's process at the end
 * @param peakResidentBytes the most physical memory that this process has had until then; 0 where
 *     it was not recorded
 * @param deviceBytes the most memory that tensors of rank 0's process had on its GPU; 0 where the
 *     processor computed, or none is known
 * @param trainedParameters how many numbers were learnt; 0 where none were, or it was not recorded
 * @param importedFrom where the block came from; null where it was learnt in this run
 * @param choice the step whose parameters are kept, with its score on dev in per cent; null where
 *     they are those of the last one
 * @param overrides what was different for the task, by the names of the keys; empty where nothing
 *     was
 */
public record TrainingSummary(
    String sha256,
    String frozenSha256,
    long steps,
    long plannedSteps,
    double seconds,
    long tokens,
    double tokensPerSecond,
    int ranks,
    String exchange,
    long residentBytes,
    long peakResidentBytes,
    long deviceBytes,
    long trainedParameters,
    String importedFrom,
    DevChoice choice,
    Map<String, Object> overrides) {
  /** Key of {@link #sha256}. */
  public static final String SHA256 = "sha256";

  /** Key of {@link #frozenSha256}. */
  public static final String FROZEN_SHA256 = "frozen_sha256";

  /** Key of {@link #steps}. */
  public static final String STEPS = "steps";

  /** Key of {@link #plannedSteps}, which is left out where they are the steps. */
  public static final String PLANNED_STEPS = "planned_steps";

  /** Key of {@link #seconds}. */
  public static final String SECONDS = "seconds";

  /** Key of {@link #tokens}. */
  public static final String TOKENS = "tokens";

  /** Key of {@link #tokensPerSecond}. */
  public static final String TOKENS_PER_SECOND = "tokens_per_second";

  /** Key of {@link #ranks}. */
  public static final String RANKS = "ranks";

  /** Key of {@link #exchange}. */
  public static final String EXCHANGE = "exchange";

  /** Key of {@link #residentBytes}. */
  public static final String RESIDENT_BYTES = "resident_bytes";

  /** Key of {@link #peakResidentBytes}, which is left out where that is 0. */
  public static final String PEAK_RESIDENT_BYTES = "peak_resident_bytes";

  /** Key of {@link #trainedParameters}, which is left out where that is 0. */
  public static final String TRAINED_PARAMETERS = "trained_parameters";

  /** Key of {@link #deviceBytes}, which is left out where that is 0. */
  public static final String DEVICE_BYTES = "peak_device_bytes";

  /** Key of {@link #importedFrom}, which is left out where that is null. */
  public static final String IMPORTED_FROM = "imported_from";

  /** Key of the step of {@link #choice}, which is left out where that is null. */
  public static final String CHOSEN_STEP = "chosen_step";

  /** Key of the score of {@link #choice}, which is left out where that is null. */
  public static final String DEV_SCORE = "dev_score";

  /** Key of {@link #overrides}, which is left out where there are none. */
  public static final String OVERRIDES = "overrides";

  /**
   * Reads the summary of {@code marker}.
   *
   * @throws org.dapt.error.InputException if there is no marker, or it lacks one of these
   */
  public static TrainingSummary of(Marker marker) {
    Map<String, Object> all = marker.summary();
    return new TrainingSummary(
        marker.text(SHA256),
        all.get(FROZEN_SHA256) instanceof String frozen ? frozen : "",
        marker.number(STEPS).longValue(),
        marker.number(all.containsKey(PLANNED_STEPS) ? PLANNED_STEPS : STEPS).longValue(),
        marker.number(SECONDS).doubleValue(),
        marker.number(TOKENS).longValue(),
        marker.number(TOKENS_PER_SECOND).doubleValue(),
        marker.number(RANKS).intValue(),
        marker.text(EXCHANGE),
        marker.number(RESIDENT_BYTES).longValue(),
        all.containsKey(PEAK_RESIDENT_BYTES) ? marker.number(PEAK_RESIDENT_BYTES).longValue() : 0,
        all.containsKey(DEVICE_BYTES) ? marker.number(DEVICE_BYTES).longValue() : 0,
        all.containsKey(TRAINED_PARAMETERS) ? marker.number(TRAINED_PARAMETERS).longValue() : 0,
        all.get(IMPORTED_FROM) instanceof String origin ? origin : null,
        all.containsKey(CHOSEN_STEP)
            ? new DevChoice(
                marker.number(CHOSEN_STEP).longValue(), marker.number(DEV_SCORE).doubleValue())
            : null,
        overrides(marker));
  }

  /**
   * The digest of what was learnt alone.
   *
   * @throws org.dapt.error.InputException if there is no marker, or it lacks it
   */
  public static String sha256(Marker marker) {
    return marker.text(SHA256);
  }

  /** The overrides alone; empty where the task was learnt before there were any. */
  public static Map<String, Object> overrides(Marker marker) {
    Map<String, Object> overrides = new TreeMap<>();
    if (marker.summary().get(OVERRIDES) instanceof Map<?, ?> stored) {
      stored.forEach((key, value) -> overrides.put(key.toString(), value));
    }
    return overrides;
  }

  /** What the marker is given. */
  public Map<String, Object> toMap() {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put(SHA256, sha256);
    summary.put(FROZEN_SHA256, frozenSha256);
    summary.put(STEPS, steps);
    if (plannedSteps != steps) {
      summary.put(PLANNED_STEPS, plannedSteps);
    }
    summary.put(SECONDS, seconds);
    summary.put(TOKENS, tokens);
    summary.put(TOKENS_PER_SECOND, tokensPerSecond);
    summary.put(RANKS, ranks);
    summary.put(EXCHANGE, exchange);
    summary.put(RESIDENT_BYTES, residentBytes);
    putPositive(summary, PEAK_RESIDENT_BYTES, peakResidentBytes);
    putPositive(summary, DEVICE_BYTES, deviceBytes);
    putPositive(summary, TRAINED_PARAMETERS, trainedParameters);
    if (importedFrom != null) {
      summary.put(IMPORTED_FROM, importedFrom);
    }
    if (choice != null) {
      summary.put(CHOSEN_STEP, choice.step());
      summary.put(DEV_SCORE, choice.score());
    }
    if (!overrides.isEmpty()) {
      summary.put(OVERRIDES, overrides);
    }
    return summary;
  }

  private static void putPositive(Map<String, Object> summary, String key, long value) {
    if (value > 0) {
      summary.put(key, value);
    }
  }
}
