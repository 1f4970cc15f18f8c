package org.dapt.inspect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.fs.Path;
import org.dapt.bank.Realigned;
import org.dapt.config.ConfigLoader;
import org.dapt.error.ConfigException;
import org.dapt.run.LearntFolder;
import org.dapt.run.Marker;
import org.dapt.run.RunDirectory;
import org.dapt.run.RunFolder;

/** Inspections of run directories. */
final class RunInspection {
  private RunInspection() {}

  /** All about a run; digests its learnt blocks, but not its data. */
  static Inspection of(Place folder) {
    RunDirectory run = RunDirectory.open(folder.hadoop(), folder.path());
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run_id", run.runId());
    facts.put("method", run.identity().method());
    facts.put("seed", Long.toString(run.identity().seed()));
    facts.put("dapt_version", run.identity().version());
    facts.putAll(Place.texts(folder.child(RunDirectory.RUN_FILE).json(), "created_at"));
    List<String> learnt = run.learnt();
    facts.put("state", state(run, folder, learnt));
    facts.put("learnt_tasks", lines(folder.child(RunFolder.TASKS.folder()), TaskInspection::line));
    if (run.sharesData()) {
      facts.put("shared_data", run.data().toString());
    }
    facts.put(
        "prepared_tasks", lines(folder.child(RunFolder.DATA.folder()), PreparedInspection::line));
    facts.put("evaluated_steps", steps(folder.child(RunFolder.SCORES.folder())));
    LearntFolder.of(run, learnt).stream()
        .map(LearntFolder::selection)
        .filter(Objects::nonNull)
        .findFirst()
        .ifPresent(selection -> facts.put("realigned_selection", realigned(run, selection)));
    if (folder.child(RunFolder.PSEUDO.folder()).exists()) {
      facts.put("pseudo_samples_of", names(folder.child(RunFolder.PSEUDO.folder())));
    }
    if (folder.child(RunFolder.UNSEEN.folder()).exists()) {
      facts.put("unseen_tasks", unseen(folder.child(RunFolder.UNSEEN.folder())));
    }
    facts.put("model_sha256", run.identity().modelSha256());
    facts.put("tokenizer_sha256", run.identity().tokenizerSha256());
    facts.put("bytes", folder.bytes());
    return new Inspection(folder.shown(), "Run directory", facts);
  }

  private static String realigned(RunDirectory run, String selection) {
    Path folder = new Path(selection);
    Realigned realigned = Realigned.of(run.marker(folder));
    return "%s/%s by engine %s, divergence %.4f before, %.4f after"
        .formatted(
            RunFolder.SELECTION.folder(),
            folder.getName(),
            realigned.engine(),
            realigned.before(),
            realigned.after());
  }

  private static String state(RunDirectory run, Place folder, List<String> learnt) {
    String owner = folder.child(RunDirectory.LEASE_FILE).leaseOwner();
    String leased = owner == null ? "" : ", leased by " + owner;
    List<String> order;
    try {
      order =
          ConfigLoader.parse(
                  run.configText(), folder.child(RunDirectory.CONFIG_FILE).shown(), List.of())
              .tasks()
              .order();
    } catch (ConfigException e) {
      // Written by another version: what is learnt can be told all the same.
      return learnt.size() + " tasks learnt" + leased;
    }
    long missing = order.stream().filter(task -> !learnt.contains(task)).count();
    return missing == 0
        ? "done: %d tasks learnt%s".formatted(learnt.size(), leased)
        : "unfinished: %d tasks learnt, %d of tasks.order to go%s"
            .formatted(learnt.size(), missing, leased);
  }

  private static List<Map<String, Object>> lines(
      Place folder, java.util.function.Function<Place, Map<String, Object>> line) {
    return folder.children().stream().filter(Place::isFolder).map(line).toList();
  }

  private static List<String> names(Place folder) {
    return folder.children().stream()
        .map(place -> place.name() + (place.child(Marker.FILE).exists() ? "" : " (unfinished)"))
        .toList();
  }

  /** Each set with the steps that it was evaluated after. */
  private static List<String> unseen(Place sets) {
    return sets.children().stream()
        .filter(Place::isFolder)
        .map(
            set ->
                "%s: %s"
                    .formatted(
                        set.name(), String.join(", ", steps(set.child(RunFolder.SCORES.folder())))))
        .toList();
  }

  private static List<String> steps(Place scores) {
    List<String> steps = new ArrayList<>();
    for (Place step : scores.children()) {
      if (step.child(Marker.FILE).exists()) {
        steps.add(step.name());
      }
    }
    return steps;
  }
}
