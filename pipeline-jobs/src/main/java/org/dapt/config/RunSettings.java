package org.dapt.config;

import org.dapt.config.key.NotHashed;
import org.dapt.config.read.SettingReader;

/**
 * Where a run is kept and what its random numbers start from.
 *
 * @param dir directory of the run, absolute or with a scheme
 * @param seed seed of every random number but the hold-out's
 * @param data folder of the prepared data, which several runs may share; null for one of the run's
 *     own
 */
public record RunSettings(@NotHashed String dir, long seed, @NotHashed String data) {
  static RunSettings read(SettingReader in) {
    return new RunSettings(in.path("run.dir"), in.anyLong("run.seed"), in.optionalPath("run.data"));
  }
}
