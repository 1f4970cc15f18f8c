package org.dapt.method.inflora;

import org.dapt.method.OptionReader;
import org.dapt.method.subspace.Retention;
import org.dapt.method.subspace.Spectrum;

/**
 * How blocks are designed, with the defaults of the published code.
 *
 * @param spectrum of which matrix the directions of inputs are taken
 * @param retention how much of a task's inputs later tasks leave alone
 */
public record InfLoraOptions(Spectrum spectrum, Retention retention) {
  /** Asks for {@code spectrum}, {@code epsilon} and {@code total-tasks}. */
  public static InfLoraOptions read(OptionReader in) {
    return new InfLoraOptions(
        Spectrum.of(in.choice("spectrum", Spectrum.texts(), Spectrum.MOMENTS.text())),
        Retention.read(in, "epsilon"));
  }
}
