package org.dapt.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.ConfigDifferences;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.config.TaskOverride;
import org.dapt.data.shard.PreparedTask;
import org.dapt.error.ConfigException;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.run.RunDirectory;
import org.dapt.run.TrainingSummary;

/**
 * The run of independently learnt tasks that forward transfer is measured against. It must have
 * learnt the same tasks from the same data with the same model, seed, training and decoding, or its
 * scores say nothing; what belongs to the method and its blocks may differ. Which scores it has is
 * a matter of the report alone: it may go on meanwhile.
 */
public final class SingleTaskRun {
  private static final String KEY = "evaluate.single-task-run";

  private final Configuration hadoop;
  private final RunDirectory single;

  private SingleTaskRun(Configuration hadoop, RunDirectory single) {
    this.hadoop = hadoop;
    this.single = single;
  }

  /**
   * The run that {@code config}, with which {@code run} is reported, names; none where it names
   * none.
   *
   * @throws ConfigException if that is not a run of the method, or not the same work
   */
  public static Optional<RunDirectory> of(
      Configuration hadoop, DaptConfig config, RunDirectory run) {
    Optional<RunDirectory> single = open(hadoop, config);
    single.ifPresent(found -> new SingleTaskRun(hadoop, found).require(config, run, run.learnt()));
    return single;
  }

  /**
   * Refuses a run that is no reference for {@code run}; does nothing where {@code config} names
   * none.
   *
   * @param tasks those whose prepared data are looked at
   * @throws ConfigException if that is not a run of the method, or not the same work
   */
  public static void check(
      Configuration hadoop, DaptConfig config, RunDirectory run, List<String> tasks) {
    open(hadoop, config)
        .ifPresent(single -> new SingleTaskRun(hadoop, single).require(config, run, tasks));
  }

  /**
   * The same for a run that is not started.
   *
   * @param identity what it would be started with; asked for only where a run is named, since the
   *     digest of a large model takes long
   */
  public static void check(
      Configuration hadoop, DaptConfig config, Supplier<RunDirectory.Identity> identity) {
    open(hadoop, config)
        .ifPresent(
            single -> new SingleTaskRun(hadoop, single).require(config, identity.get(), List.of()));
  }

  private static Optional<RunDirectory> open(Configuration hadoop, DaptConfig config) {
    String folder = config.evaluate().singleTaskRun();
    if (folder == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(RunDirectory.open(hadoop, new Path(folder)));
    } catch (ConfigException e) {
      throw new ConfigException(KEY + ": " + e.getMessage(), e);
    }
  }

  private void require(DaptConfig config, RunDirectory run, List<String> tasks) {
    List<String> others = otherData(run, tasks);
    others.addAll(otherOverrides(config, tasks));
    require(config, run.identity(), others);
  }

  private void require(DaptConfig config, RunDirectory.Identity here, List<String> otherData) {
    String methods = String.join(" or ", ContinualMethods.names(Trait.TRANSFER_REFERENCE));
    if (!ContinualMethods.names(Trait.TRANSFER_REFERENCE).contains(single.identity().method())) {
      throw new ConfigException(
          "%s is %s, a run of method %s; expected one of method %s."
              .formatted(KEY, single.root(), single.identity().method(), methods));
    }
    List<String> differences = new ArrayList<>();
    RunDirectory.Identity there = single.identity();
    add(differences, "SHA-256 of the model", there.modelSha256(), here.modelSha256());
    add(differences, "SHA-256 of the tokenizer", there.tokenizerSha256(), here.tokenizerSha256());
    DaptConfig stored =
        ConfigLoader.parse(
            single.configText(),
            new Path(single.root(), RunDirectory.CONFIG_FILE).toString(),
            List.of());
    differences.addAll(ConfigDifferences.betweenRuns(stored, config, SingleTaskRun::counts));
    differences.addAll(otherData);
    if (!differences.isEmpty()) {
      throw new ConfigException(
          """
          %s is %s, whose work is not that of %s:
            %s
          Learn the same tasks with method.name = %s and otherwise the same settings into a run directory of its own, or take the key out.\
          """
              .formatted(
                  KEY,
                  single.root(),
                  config.run().dir(),
                  String.join("\n  ", differences),
                  methods));
    }
  }

  /** Paths do not count, the data and the model behind them do; nor does the method's own. */
  private static boolean counts(String key) {
    return key.equals("run.seed")
        || key.equals("model.dtype")
        || key.equals("model.dropout")
        || (key.startsWith("tasks.") && !key.equals("tasks.root"))
        || key.startsWith("train.")
        || key.startsWith("evaluate.");
  }

  /** What tasks were learnt with of their own, where both runs have them. */
  private List<String> otherOverrides(DaptConfig config, List<String> tasks) {
    List<String> differences = new ArrayList<>();
    List<String> learnt = single.learnt();
    for (int i = 0; i < learnt.size(); i++) {
      String task = learnt.get(i);
      if (tasks.contains(task)) {
        Map<String, Object> there =
            TrainingSummary.overrides(single.marker(single.task(i + 1, task)));
        TaskOverride own = config.tasks().overrides().get(task);
        Map<String, Object> here = own == null ? Map.of() : own.values();
        add(
            differences,
            "tasks.overrides of " + task,
            there.toString(),
            new TreeMap<>(here).toString());
      }
    }
    return differences;
  }

  private List<String> otherData(RunDirectory run, List<String> tasks) {
    List<String> differences = new ArrayList<>();
    List<String> others = single.learnt();
    for (String task : tasks) {
      if (others.contains(task)) {
        Map<String, String> there = inputs(single, task);
        Map<String, String> here = inputs(run, task);
        add(differences, "SHA-256 of the files of " + task, there.toString(), here.toString());
      }
    }
    return differences;
  }

  /** By split, those of several files in the order in which they are read. */
  private Map<String, String> inputs(RunDirectory of, String task) {
    try {
      Map<String, String> inputs = new TreeMap<>();
      PreparedTask.open(hadoop, of.data(task))
          .manifest()
          .inputs()
          .forEach(
              input ->
                  inputs.merge(
                      input.split(), input.sha256(), (before, next) -> before + " " + next));
      return inputs;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void add(List<String> differences, String what, String there, String here) {
    if (!there.equals(here)) {
      differences.add("%s: %s there, %s here".formatted(what, there, here));
    }
  }
}
