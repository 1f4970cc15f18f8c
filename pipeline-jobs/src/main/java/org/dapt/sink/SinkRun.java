package org.dapt.sink;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The run that is measured.
 *
 * @param hadoop settings of file systems
 * @param root the run directory
 * @param runId name of the run, drawn at its birth: no other run has it
 * @param settings the effective configuration by key, with values that look secret replaced
 * @param spark the keys of the section {@code spark} as they are, secrets included: options of a
 *     sink from outside may be among them
 * @param version of dapt
 */
public record SinkRun(
    Configuration hadoop,
    Path root,
    String runId,
    Map<String, String> settings,
    Map<String, String> spark,
    String version) {
  /** A name for people: that of the run directory with the beginning of the run's own. */
  public String shownName() {
    return root.getName() + "-" + runId.substring(0, Math.min(8, runId.length()));
  }
}
