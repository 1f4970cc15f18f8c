package org.dapt.app;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.TaskSettings;
import org.dapt.cost.TaskSize;
import org.dapt.data.prepare.PrepareSettings;
import org.dapt.data.prepare.PrepareTask;
import org.dapt.data.prepare.TaskSample;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.TaskManifest.Splits;
import org.dapt.job.TaskData;
import org.dapt.tokenizer.TextTokenizer;

/** How large tasks are, of their shards or, before there are any, of the first of their rows. */
final class TaskSizes {
  /** Rows of a task whose lengths are taken. */
  private static final int LOOKED_AT = 200;

  /** Characters of a token of English, where there is no tokenizer yet. */
  private static final double CHARACTERS = 4;

  private final DaptConfig config;
  private final Configuration hadoop;

  /** Null where there is none. */
  private final TextTokenizer tokenizer;

  private final Map<String, TaskSize> known = new LinkedHashMap<>();

  /**
   * @param tokenizer null where the model is not there
   */
  TaskSizes(DaptConfig config, Configuration hadoop, TextTokenizer tokenizer) {
    this.config = config;
    this.hadoop = hadoop;
    this.tokenizer = tokenizer;
  }

  /**
   * Takes a task that is prepared in {@code folder}.
   *
   * @throws org.dapt.error.InputException if it is not
   */
  void prepared(String task, Path folder) throws IOException {
    Splits splits = PreparedTask.open(hadoop, folder).manifest().splits();
    known.put(
        task,
        new TaskSize(
            splits.train().examples(),
            splits.dev().examples(),
            splits.test().examples(),
            splits.train().sourceTokens().mean(),
            splits.train().targetTokens().mean()));
  }

  /**
   * Takes a task that is yet to be prepared.
   *
   * @throws org.dapt.error.InputException if its files are missing or wrong
   */
  void unprepared(String task) throws IOException {
    known.put(task, look(task, TaskData.settings(config, task)));
  }

  /**
   * The size of a task in {@code root} that is never learnt.
   *
   * @throws org.dapt.error.InputException if its test files are missing or wrong
   */
  TaskSize unseen(String root, String task) throws IOException {
    return look(task, TaskData.unseen(config, root, task));
  }

  private TaskSize look(String task, PrepareSettings settings) throws IOException {
    TaskSample sample = PrepareTask.check(hadoop, settings, task, LOOKED_AT);
    TaskSettings tasks = config.forTask(task).tasks();
    Prompts prompts = Prompts.of(tasks.template(), settings.modelFolder(), hadoop);
    return new TaskSize(
        sample.rows().getOrDefault(Split.TRAIN, 0L),
        sample.rows().getOrDefault(Split.DEV, 0L),
        sample.rows().getOrDefault(Split.TEST, 0L),
        mean(
            sample.instances(),
            instance -> source(prompts, prompts.text(instance, sample.definition()), tasks)),
        mean(
            sample.instances(),
            instance -> target(instance.references().get(0), tasks.maxTargetTokens())));
  }

  /** The size of {@code task}; empty where it could not be taken. */
  Optional<TaskSize> of(String task) {
    return Optional.ofNullable(known.get(task));
  }

  /** Whether all of {@code tasks} were taken. */
  boolean has(List<String> tasks) {
    return known.keySet().containsAll(tasks);
  }

  private double source(Prompts prompts, String text, TaskSettings tasks) {
    int most = tasks.maxSourceTokens();
    return tokenizer == null
        ? Math.min(most, text.length() / CHARACTERS + 1)
        : prompts.encode(tokenizer, text, most).ids().length;
  }

  private double target(String text, int most) {
    return tokenizer == null
        ? Math.min(most, text.length() / CHARACTERS + 1)
        : tokenizer.encodeTarget(text, most, 0).ids().length;
  }

  private static double mean(List<Instance> instances, ToDoubleFunction<Instance> length) {
    return instances.stream().mapToDouble(length).average().orElse(0);
  }
}
