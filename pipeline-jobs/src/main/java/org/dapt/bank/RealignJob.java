package org.dapt.bank;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.config.ReflectionSource;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.job.JobContext;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Replay;
import org.dapt.method.Trait;
import org.dapt.method.dapt.Selection;
import org.dapt.realign.ChosenBlocks;
import org.dapt.realign.FitPlan;
import org.dapt.realign.FitTable;
import org.dapt.realign.FittedSelection;
import org.dapt.realign.RealignSettings;
import org.dapt.realign.SelectionEngine;
import org.dapt.realign.SelectionTensors;
import org.dapt.realign.SelectionValues;
import org.dapt.replay.ReplayInputs;
import org.dapt.run.LearntFolder;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.RunDirectory;
import org.dapt.run.StoredSelection;
import org.dapt.run.TaskArtifacts;
import org.dapt.run.TrainingSummary;
import org.dapt.spark.CoreTasks;
import org.dapt.spark.ParquetFolder;
import org.dapt.tensor.Placement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fits keys and query network of a run's learnt tasks to the attention that their replayed inputs
 * shall have. The language model takes part with its embeddings alone, and blocks not at all.
 */
public final class RealignJob {
  private static final Logger LOG = LoggerFactory.getLogger(RealignJob.class);

  /** The name of the folder of the table that is fitted to, while it is. */
  private static final String INPUTS = "inputs.parquet";

  private final JobContext context;
  private final RealignSettings settings;
  private final RealignTargets targets;

  /** For the run of {@code context}. */
  public RealignJob(JobContext context, RealignTargets targets) {
    this.context = context;
    this.targets = targets;
    settings = context.config().realign();
  }

  /**
   * Refuses runs whose method has nothing to fit, or too little.
   *
   * @param tasks the learnt ones
   */
  public static void check(String method, List<String> tasks, Path run) {
    if (!ContinualMethods.named(method).has(Trait.REFLECTS)) {
      throw new ConfigException(
          "The method of %s is %s, which has no keys and query network to realign. Methods that have are %s."
              .formatted(run, method, ContinualMethods.names(Trait.REFLECTS)));
    }
    if (tasks.size() < 2) {
      throw new ConfigException(
          "%s has learnt %d tasks, and there is nothing to choose among fewer than two. Learn or merge further ones first."
              .formatted(run, tasks.size()));
    }
  }

  /**
   * Fits them and keeps the result.
   *
   * @param tasks all that are learnt
   * @param lease of the run
   * @throws InputException where no task has replayed inputs, or stored files are damaged
   * @throws org.dapt.error.TrainingException where the fit fails
   */
  public Realigned run(List<String> tasks, Lease lease) throws IOException {
    StoredSelection stored = StoredSelection.of(context.run(), tasks.size());
    List<LearntFolder> learnt = LearntFolder.of(context.run(), tasks);
    List<Replay> replay = replay(learnt);
    Map<String, Object> made = made(replay);
    Marker marker = context.run().marker(stored.folder());
    Map<String, String> of = StoredSelection.inputs(context.run(), tasks);
    if (marker.matches(context.run().identity().configHash(), of)
        && made.entrySet().stream()
            .allMatch(entry -> entry.getValue().equals(marker.summary().get(entry.getKey())))) {
      LOG.info("{} is realigned already, with the same inputs and settings", context.run().root());
      return Realigned.of(marker);
    }
    Path inputs = new Path(stored.folder(), INPUTS);
    try (PointerScope scope = new PointerScope()) {
      Placement host = Placement.cpu(context.config().model().dtype());
      // Read as they are stored, for their digests; fitted in float32.
      SelectionValues values =
          SelectionTensors.values(
              Selection.of(TaskArtifacts.readAll(context.hadoop(), learnt, host)));
      Selection start = SelectionTensors.selection(values);
      long rows = replay.stream().mapToLong(one -> one.sources().size()).sum();
      write(replay, learnt, inputs);
      LOG.info(
          "Realigning {} tasks to {} replayed inputs with engine {}",
          tasks.size(),
          rows,
          settings.engine());
      ChosenBlocks chosen =
          new ChosenBlocks(
              context.spark(),
              inputs.toString(),
              tasks,
              context.config().attention().temperature());
      boolean kept = targets == RealignTargets.PRESENT && keep(chosen.keeping(start), rows, inputs);
      FittedSelection fitted =
          kept ? new FittedSelection(values, List.of(0.0)) : fit(inputs, rows, values);
      Selection found = SelectionTensors.selection(fitted.values());
      Realigned realigned = realigned(tasks, replay, chosen, start, found, fitted);
      lease.check();
      // Without its marker the folder does not count, whatever is in it.
      context.run().files().delete(marker(stored), false);
      Map<String, Object> summary = new LinkedHashMap<>();
      summary.put(TrainingSummary.SHA256, stored.write(context.run().files(), found, host));
      summary.putAll(made);
      summary.putAll(realigned.toMap());
      marker.write(context.run().identity().configHash(), of, summary);
      return realigned;
    } finally {
      context.run().files().delete(inputs, true);
    }
  }

  /** How the learnt tasks of {@code run} were realigned; null where they were not. */
  public static Realigned stored(RunDirectory run) {
    Marker marker = run.marker(StoredSelection.of(run, run.learnt().size()).folder());
    return marker.isDone() ? Realigned.of(marker) : null;
  }

  /** True where nothing is to be fitted; else the targets take the place of the table's. */
  private boolean keep(ChosenBlocks.Targets kept, long rows, Path inputs) throws IOException {
    LOG.info("{} of {} inputs find their own block and keep their attention", kept.kept(), rows);
    if (kept.kept() == rows) {
      return true;
    }
    ParquetFolder.write(context.run().files(), kept.table(), inputs);
    return false;
  }

  private FittedSelection fit(Path inputs, long rows, SelectionValues start) throws IOException {
    return SelectionEngine.named(settings.engine())
        .fit(
            new FitPlan(
                context.spark(),
                inputs.toString(),
                rows,
                start,
                context.config().attention().temperature(),
                settings.steps(),
                settings.learningRate(),
                CoreTasks.of(context.sparkContext()).slots()));
  }

  private Realigned realigned(
      List<String> tasks,
      List<Replay> replay,
      ChosenBlocks chosen,
      Selection start,
      Selection found,
      FittedSelection fitted) {
    Map<String, Long> counts = new HashMap<>();
    replay.forEach(one -> counts.put(one.task(), (long) one.sources().size()));
    Map<String, Double> before = chosen.own(start);
    Map<String, Double> after = chosen.own(found);
    return new Realigned(
        settings.engine(),
        tasks.stream()
            .map(
                task ->
                    new Realigned.Task(
                        task, counts.getOrDefault(task, 0L), before.get(task), after.get(task)))
            .toList(),
        counts.values().stream().mapToLong(Long::longValue).sum(),
        fitted.before(),
        fitted.after(),
        false);
  }

  private static Path marker(StoredSelection stored) {
    return new Path(stored.folder(), Marker.FILE);
  }

  /** What decides about the result besides the tasks. */
  private Map<String, Object> made(List<Replay> replay) {
    Map<String, Object> made = new LinkedHashMap<>();
    made.put("engine", settings.engine());
    made.put("steps", settings.steps());
    made.put("learning_rate", settings.learningRate());
    made.put("inputs_sha256", ReplayDigest.of(replay));
    made.put("targets", targets.storedName());
    return made;
  }

  private List<Replay> replay(List<LearntFolder> learnt) throws IOException {
    ReflectionSource source = context.config().reflection().source();
    // Of a run that did not reflect there are its training inputs.
    List<Replay> replay =
        new ReplayInputs(context, source == ReflectionSource.NONE ? ReflectionSource.TRAIN : source)
            .assemble(learnt);
    List<String> without = new ArrayList<>(learnt.stream().map(LearntFolder::task).toList());
    replay.forEach(of -> without.remove(of.task()));
    if (replay.size() < 2) {
      throw new InputException(
          "There are replayed inputs of %d tasks in %s, at least two are needed; there are none of %s. Prepare these again, or run dapt replay on them."
              .formatted(replay.size(), context.run().root(), String.join(", ", without)));
    }
    if (!without.isEmpty()) {
      LOG.warn(
          "There are no replayed inputs of {}: nothing holds their inputs at their blocks.",
          without);
    }
    return replay;
  }

  /** Writes the table, with the stored targets. */
  private void write(List<Replay> replay, List<LearntFolder> learnt, Path table)
      throws IOException {
    List<SeenInputs.Part> parts = new ArrayList<>();
    for (Replay of : replay) {
      double[] target = of.target(learnt.size());
      int count = of.sources().size();
      for (int from = 0; from < count; from += SeenInputs.AT_ONCE) {
        int to = Math.min(from + SeenInputs.AT_ONCE, count);
        parts.add(
            new SeenInputs.Part(
                of.task(),
                from,
                new ArrayList<>(of.sources().subList(from, to)),
                target,
                1.0 / replay.size() / count));
      }
    }
    CoreTasks cores =
        CoreTasks.withModel(context.sparkContext(), context.config().model().device());
    JavaRDD<Row> seen =
        cores
            .of(
                context
                    .sparkContext()
                    .parallelize(parts, Math.min(parts.size(), Math.max(1, cores.slots()))))
            .mapPartitions(
                new SeenInputs(
                    context.serializableHadoop(), context.model(), learnt.get(learnt.size() - 1)));
    ParquetFolder.write(
        context.run().files(), context.spark().createDataFrame(seen, FitTable.COLUMNS), table);
  }
}
