package org.dapt.train;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a step saw, over all ranks.
 *
 * @param step from 1
 * @param crossEntropy mean over the target tokens of the global batch, before the update
 * @param terms the method's terms by name, without their factors, in the order of the method
 * @param loss crossEntropy + Σ factor · term
 * @param targetTokens target tokens of the global batch
 * @param sourceTokens source tokens of the global batch, without padding
 */
public record StepReport(
    long step,
    double crossEntropy,
    Map<String, Double> terms,
    double loss,
    long targetTokens,
    long sourceTokens)
    implements Serializable {
  /** Keeps a copy of {@code terms}. */
  public StepReport {
    terms = Collections.unmodifiableMap(new LinkedHashMap<>(terms));
  }
}
