package org.dapt.bank;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.config.ConfigDifferences;
import org.dapt.config.DaptConfig;
import org.dapt.config.ReflectionSource;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.job.Version;
import org.dapt.method.ContinualMethods;
import org.dapt.method.LearntTask;
import org.dapt.method.Trait;
import org.dapt.pet.LoraBlock;
import org.dapt.pet.LoraScale;
import org.dapt.run.Lease;
import org.dapt.run.RunDirectory;
import org.dapt.run.RunReplacement;
import org.dapt.run.TrainingSummary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the blocks of several runs of one base model into the bank of a new run. Each keeps the key
 * and the query network that it was learnt with, which know nothing of the other runs' inputs:
 * {@link RealignJob} fits them to all.
 */
public final class MergeJob {
  private static final Logger LOG = LoggerFactory.getLogger(MergeJob.class);

  /** What must be the same, for an answer hangs on it. Ranks and scales of blocks may differ. */
  private static final Set<String> SAME =
      Set.of(
          "method.name",
          "model.dtype",
          "tasks.template",
          "tasks.metric",
          "tasks.max-source-tokens",
          "tasks.begin-of-text",
          "lora.targets",
          "prompt.length",
          "attention.hidden",
          "attention.temperature",
          "attention.center",
          "attention.selection",
          "evaluate.max-new-tokens",
          "evaluate.clean-up-spaces",
          "evaluate.split");

  /** How keys of the method's own begin: by some of them it chooses blocks for an input. */
  private static final String OF_THE_METHOD = "method.options.";

  /** The command that does this, without {@code dapt}. */
  public static final String COMMAND = "merge";

  private final List<SourceRun> sources;
  private final Configuration hadoop;

  /**
   * @param sources at least two
   * @throws ConfigException if they do not go together
   */
  public MergeJob(List<SourceRun> sources, Configuration hadoop) {
    this.sources = List.copyOf(sources);
    this.hadoop = hadoop;
    Map<String, SourceRun> owners = new LinkedHashMap<>();
    for (SourceRun source : sources) {
      source.requireSeparateBlocks("merged");
      if (source.tasks().isEmpty()) {
        throw new ConfigException(
            "%s has learnt no task: there is nothing to merge. Learn one, or leave the run out."
                .formatted(source.run().root()));
      }
      for (String task : source.tasks()) {
        SourceRun other = owners.put(task, source);
        if (other != null) {
          throw new ConfigException(
              "Task %s is learnt in %s and in %s, and a run has a task once. Take it out of one of them with dapt forget, in a copy of the run where it is still needed."
                  .formatted(task, other.run().root(), source.run().root()));
        }
      }
      requireSame(sources.get(0), source);
    }
  }

  private static void requireSame(SourceRun first, SourceRun other) {
    RunDirectory.Identity here = first.run().identity();
    RunDirectory.Identity there = other.run().identity();
    if (!here.modelSha256().equals(there.modelSha256())
        || !here.tokenizerSha256().equals(there.tokenizerSha256())) {
      throw new ConfigException(
          "%s and %s have different base models or tokenizers (SHA-256 %s and %s): blocks of one cannot be used with the other."
              .formatted(
                  first.run().root(), other.run().root(), here.modelSha256(), there.modelSha256()));
    }
    List<String> differences =
        ConfigDifferences.betweenRuns(
            other.config(),
            first.config(),
            key -> SAME.contains(key) || key.startsWith(OF_THE_METHOD));
    if (!differences.isEmpty()) {
      throw new ConfigException(
          "%s cannot be merged with %s, for inputs would be answered in another way:\n  %s"
              .formatted(other.run().root(), first.run().root(), String.join("\n  ", differences)));
    }
  }

  /** All tasks, those of the first run first. */
  public List<String> tasks() {
    return sources.stream().flatMap(source -> source.tasks().stream()).toList();
  }

  /**
   * The run that this merge made at {@code run} and then was cut off; empty if it is another one.
   */
  public Optional<Merged> made(RunDirectory run) {
    List<Merged.Task> wanted = new ArrayList<>();
    for (SourceRun source : sources) {
      String origin = source.run().root().toString();
      source.tasks().forEach(task -> wanted.add(new Merged.Task(task, origin)));
    }
    List<Merged.Task> found = new ArrayList<>();
    for (String task : run.learnt()) {
      Path folder = run.task(found.size() + 1, task);
      Object origin = run.marker(folder).summary().get(TrainingSummary.IMPORTED_FROM);
      found.add(new Merged.Task(task, String.valueOf(origin)));
    }
    return found.equals(wanted)
        ? Optional.of(merged(run.root(), run.identity().method(), found))
        : Optional.empty();
  }

  /**
   * Refuses runs without the pseudo samples that a task counts as learnt from: those of all before
   * it.
   *
   * @param config of the new run
   */
  private void requireSamples(DaptConfig config) {
    if (config.reflection().source() != ReflectionSource.GENERATED
        || !ContinualMethods.named(config.method().name()).has(Trait.REFLECTS)) {
      return;
    }
    for (SourceRun source : sources) {
      for (int i = 0; i < source.tasks().size(); i++) {
        String task = source.tasks().get(i);
        boolean last = tasks().indexOf(task) == tasks().size() - 1;
        if (!last && !source.run().marker(source.run().pseudo(i + 1, task)).isDone()) {
          throw new InputException(
              "There are no pseudo samples of task %s in %s, and the run named first has reflection.source = generated. Run dapt replay --run %s %s first, or name a run with another source first."
                  .formatted(task, source.run().root(), source.run().root(), task));
        }
      }
    }
  }

  /**
   * Writes the new run, whole or not at all.
   *
   * @param config of the new run: that of the first, with all tasks in its order
   * @param replacement has its place, where nothing is but {@code lease}
   * @throws InputException if pseudo samples are missing that the new run stands on
   */
  public Merged run(DaptConfig config, RunReplacement replacement, Lease lease) throws IOException {
    requireSamples(config);
    replacement.begin();
    Path root = replacement.root();
    RunDirectory.Identity first = sources.get(0).run().identity();
    RunDirectory run =
        RunDirectory.openOrCreate(
            hadoop,
            replacement.staging(),
            new RunDirectory.Identity(
                config.hash(),
                first.modelSha256(),
                first.tokenizerSha256(),
                config.method().name(),
                config.run().seed(),
                Version.text()),
            config.effective(),
            stored -> List.of());
    AssembledRun assembled = new AssembledRun(run, config, hadoop);
    List<Merged.Task> tasks = new ArrayList<>();
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (SourceRun source : sources) {
        int before = tasks.size();
        String origin = source.run().root().toString();
        List<LearntTask> learnt = source.learnt(hadoop);
        for (int i = 0; i < learnt.size(); i++) {
          LearntTask scaled =
              scaled(learnt.get(i), source.config().lora().scale(), config.lora().scale());
          assembled.add(source.run(), i + 1, behind(before, scaled), origin);
          tasks.add(new Merged.Task(scaled.task(), origin));
        }
        LOG.info("Took {} tasks of {}", learnt.size(), origin);
      }
    }
    lease.check();
    replacement.replace(COMMAND);
    return merged(root, config.method().name(), tasks);
  }

  private static Merged merged(Path root, String method, List<Merged.Task> tasks) {
    return new Merged(root.toString(), tasks, ContinualMethods.named(method).has(Trait.REFLECTS));
  }

  /** The mean attention with nothing on {@code others} blocks before its own run's. */
  private static LearntTask behind(int others, LearntTask task) {
    if (task.meanAttention().isEmpty()) {
      return task;
    }
    List<Double> mean = new ArrayList<>(Collections.nCopies(others, 0.0));
    mean.addAll(task.meanAttention());
    return task.withMeanAttention(mean);
  }

  /** The same block for a run with another scale. */
  private static LearntTask scaled(LearntTask task, LoraScale from, LoraScale to) {
    Map<String, Tensor> block = new LinkedHashMap<>(task.block());
    task.block()
        .forEach(
            (name, tensor) -> {
              if (name.endsWith(LoraBlock.B)) {
                double rank = tensor.size(1);
                double factor = from.of(rank) / to.of(rank);
                if (factor != 1) {
                  block.put(name, tensor.mul(new Scalar(factor)));
                }
              }
            });
    return new LearntTask(task.task(), block, task.attention(), task.meanAttention());
  }
}
