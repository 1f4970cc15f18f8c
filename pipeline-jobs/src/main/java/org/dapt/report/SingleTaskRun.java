package org.dapt.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.ConfigDifferences;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.data.shard.PreparedTask;
import org.dapt.error.ConfigException;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.run.RunDirectory;

/**
 * The run of independently learnt tasks that forward transfer is measured against. It must have
 * learnt the same tasks from the same data with the same model, seed, training and decoding, or its
 * scores say nothing; what belongs to the method and its blocks may differ.
 */
public final class SingleTaskRun {
  private static final String KEY = "evaluate.single-task-run";

  private final Configuration hadoop;
  private final RunDirectory run;
  private final RunDirectory single;

  private SingleTaskRun(Configuration hadoop, RunDirectory run, RunDirectory single) {
    this.hadoop = hadoop;
    this.run = run;
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
    if (config.evaluate().singleTaskRun() == null) {
      return Optional.empty();
    }
    RunDirectory single = RunDirectory.open(hadoop, new Path(config.evaluate().singleTaskRun()));
    new SingleTaskRun(hadoop, run, single).require(config);
    return Optional.of(single);
  }

  private void require(DaptConfig config) {
    String methods = String.join(" or ", ContinualMethods.names(Trait.TRANSFER_REFERENCE));
    if (!ContinualMethods.names(Trait.TRANSFER_REFERENCE).contains(single.identity().method())) {
      throw new ConfigException(
          "%s is %s, a run of method %s; expected one of method %s."
              .formatted(KEY, single.root(), single.identity().method(), methods));
    }
    List<String> differences = new ArrayList<>();
    RunDirectory.Identity there = single.identity();
    RunDirectory.Identity here = run.identity();
    add(differences, "SHA-256 of the model", there.modelSha256(), here.modelSha256());
    add(differences, "SHA-256 of the tokenizer", there.tokenizerSha256(), here.tokenizerSha256());
    DaptConfig stored =
        ConfigLoader.parse(
            single.configText(),
            new Path(single.root(), RunDirectory.CONFIG_FILE).toString(),
            List.of());
    differences.addAll(ConfigDifferences.betweenRuns(stored, config, SingleTaskRun::counts));
    addData(differences);
    if (!differences.isEmpty()) {
      throw new ConfigException(
          """
          %s is %s, whose work is not that of %s:
            %s
          Learn the same tasks with method.name = %s and otherwise the same settings into a run directory of its own, or take the key out.\
          """
              .formatted(
                  KEY, single.root(), run.root(), String.join("\n  ", differences), methods));
    }
  }

  /** Paths do not count, the data and the model behind them do; nor does the method's own. */
  private static boolean counts(String key) {
    return key.equals("run.seed")
        || key.equals("model.dtype")
        || (key.startsWith("tasks.") && !key.equals("tasks.root"))
        || key.startsWith("train.")
        || key.startsWith("evaluate.");
  }

  private void addData(List<String> differences) {
    List<String> others = single.learnt();
    for (String task : run.learnt()) {
      if (others.contains(task)) {
        Map<String, String> there = inputs(single, task);
        Map<String, String> here = inputs(run, task);
        if (!there.equals(here)) {
          add(differences, "SHA-256 of the files of " + task, there.toString(), here.toString());
        }
      }
    }
  }

  private Map<String, String> inputs(RunDirectory of, String task) {
    try {
      Map<String, String> inputs = new TreeMap<>();
      PreparedTask.open(hadoop, of.data(task))
          .manifest()
          .inputs()
          .forEach(input -> inputs.put(input.split(), input.sha256()));
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
