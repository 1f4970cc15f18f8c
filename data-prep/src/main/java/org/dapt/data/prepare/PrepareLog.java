package org.dapt.data.prepare;

import java.util.Arrays;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.shard.TaskManifest.HoldOutNote;
import org.dapt.error.Shown;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the log says of a task that is prepared. */
final class PrepareLog {
  private static final Logger LOG = LoggerFactory.getLogger(PrepareTask.class);

  private PrepareLog() {}

  static void warn(String task, TaskSources sources) {
    sources.warnings().forEach(warning -> LOG.warn("Task {}: {}", task, warning));
  }

  static void sources(String task, TaskSources sources, Recipe recipe) {
    if (sources.fields() != null) {
      LOG.info("Task {}: its fields are {}", task, sources.fields());
    }
    holdOut(task, "test", sources.testHoldOut(), recipe);
    holdOut(task, "dev", sources.holdOut(), recipe);
    sources.cuts().forEach(cut -> LOG.info("Task {} {}", task, cut));
  }

  private static void holdOut(String task, String split, HoldOutNote note, Recipe recipe) {
    if (note != null) {
      LOG.info(
          "Task {}: {}; {} of {} training instances are held out as {} (tasks.hold-out {},"
              + " tasks.split-seed {})",
          task,
          note.reason().equals(HoldOutNote.DEV_IS_TEST)
              ? "its dev file equals its test file"
              : "it has no %s file".formatted(split),
          note.heldOut(),
          note.trainInstances(),
          split,
          recipe.holdOut(),
          recipe.splitSeed());
    }
  }

  static void targets(String task, ShardTally total, PrepareSettings settings) {
    if (total.unknownTargets() > 0) {
      LOG.warn(
          "Task {}: {} of {} targets have characters that the tokenizer of {} has no token for:"
              + " these cannot be learnt. Take a model whose tokenizer knows them.",
          task,
          total.unknownTargets(),
          total.rows(),
          settings.modelFolder());
    }
    if (total.targets().equal() > 0) {
      LOG.warn(
          "Task {}: {} different outputs have the token ids of another one, such as {}: no model"
              + " with this tokenizer and tasks.max-target-tokens = {} can tell them apart.",
          task,
          total.targets().equal(),
          Shown.of(total.targets().example()),
          settings.recipe().maxTargetTokens());
    }
  }

  /**
   * Beyond them a model answers badly, and nothing else tells why.
   *
   * @param prefix embeddings in front of every source
   */
  static void warnOfPositions(TaskManifest manifest, int prefix, int positions) {
    for (var split : Split.values()) {
      var content = manifest.split(split);
      var source = content.sourceTokens().max();
      var target = content.targetTokens().max();
      if (positions > 0 && source > 0 && prefix + source + target > positions) {
        LOG.warn(
            "Task {} {}: sources of up to {} and targets of up to {} tokens{}, together more than"
                + " the {} positions that the model was made for (max_position_embeddings). Lower"
                + " tasks.max-source-tokens{}, or take a model with a longer context",
            manifest.task(),
            split.folder(),
            source,
            target,
            prefix == 0 ? "" : " behind up to " + prefix + " embeddings of the method's prompts",
            positions,
            prefix == 0 ? "" : " or prompt.length");
      }
    }
  }

  static void content(TaskManifest manifest) {
    Arrays.stream(Split.values())
        .filter(split -> !manifest.split(split).shards().isEmpty())
        .forEach(
            split -> {
              var content = manifest.split(split);
              LOG.info(
                  "Task {} {}: {} examples, {} sources and {} targets cut, {} blank inputs, {}"
                      + " blank targets, {} sources and {} targets with unknown characters",
                  manifest.task(),
                  split.folder(),
                  content.examples(),
                  content.truncatedSources(),
                  content.truncatedTargets(),
                  content.blankInputs(),
                  content.blankTargets(),
                  content.unknownSources(),
                  content.unknownTargets());
              if (2 * content.truncatedSources() > content.examples()) {
                LOG.warn(
                    "Task {} {}: {} of {} inputs are longer than tasks.max-source-tokens and have lost a part. Raise it, as far as the model goes, or shorten the inputs",
                    manifest.task(),
                    split.folder(),
                    content.truncatedSources(),
                    content.examples());
              }
            });
  }
}
