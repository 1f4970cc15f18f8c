package org.dapt.config;

import java.time.Duration;
import org.dapt.config.read.SettingReader;

/**
 * States of training inside a task.
 *
 * @param steps from one checkpoint to the next; 0 for no such bound
 * @param interval from one checkpoint to the next; zero for no such bound
 * @param kept how many of the newest are kept, at least 1
 */
public record CheckpointSettings(int steps, Duration interval, int kept) {
  static CheckpointSettings read(SettingReader in) {
    return new CheckpointSettings(
        in.wholeNumber("checkpoint.steps", 0),
        in.durationOrZero("checkpoint.interval"),
        in.wholeNumber("checkpoint.kept", 1));
  }
}
