package org.dapt.predict;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dapt.config.DaptConfig;
import org.dapt.data.table.Field;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;

/** Everything that decides what predictions are, by name. */
final class MadeFrom {
  private MadeFrom() {}

  /**
   * As the plan keeps it.
   *
   * @param digests of the input's files
   */
  static Map<String, String> of(
      DaptConfig config,
      RunDirectory run,
      PredictSettings settings,
      List<String> tasks,
      InputFiles input,
      List<String> digests) {
    Map<String, String> madeFrom = new TreeMap<>();
    madeFrom.put("run", run.runId());
    madeFrom.put("configuration", config.hash());
    madeFrom.put("--step", Integer.toString(tasks.size()));
    LearntFolder.digests(run, LearntFolder.of(run, tasks))
        .forEach((task, digest) -> madeFrom.put("learnt/" + task, digest));
    madeFrom.put("--input-format", input.kind().text());
    madeFrom.put("--input-column", settings.fields().input());
    madeFrom.put("--id-column", settings.fields().id());
    madeFrom.put("--format", settings.format().text());
    if (!settings.fields().instruction().equals(Field.INSTRUCTION.key())) {
      // Only then: folders that were begun before there was a choice go on.
      madeFrom.put("--instruction-column", settings.fields().instruction());
    }
    if (settings.instruction() != null) {
      madeFrom.put("--instruction", settings.instruction());
    }
    if (settings.task() != null) {
      madeFrom.put("--task", settings.task());
    }
    for (int i = 0; i < digests.size(); i++) {
      madeFrom.put("input/" + i + "-" + input.files().get(i).getName(), digests.get(i));
    }
    return madeFrom;
  }
}
