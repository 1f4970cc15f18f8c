package org.dapt.realign;

import org.dapt.config.read.SettingReader;

/**
 * How the selection module of learnt blocks is fitted again.
 *
 * @param engine name of the {@link SelectionEngine}
 * @param steps each over all replayed inputs, at least 1
 * @param learningRate of keys and query network, above 0
 */
public record RealignSettings(String engine, int steps, double learningRate) {
  /** Those of the section {@code realign}. */
  public static RealignSettings read(SettingReader in) {
    return new RealignSettings(
        in.choice("realign.engine", SelectionEngine.names()),
        in.wholeNumber("realign.steps", 1),
        in.positive("realign.learning-rate"));
  }
}
