package org.dapt.data.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.shard.ManifestFile;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.data.shard.TaskManifest.Splits;
import org.dapt.error.DaptException;
import org.dapt.models.Models;
import org.dapt.spark.CoreTasks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares tasks: reads a task's files, holds out a dev split where it has none, and writes
 * tokenised shards with a manifest. The content of the folder follows from the files, the recipe
 * and the tokenizer, not from the cluster.
 */
public final class PrepareTask {
  private static final Logger LOG = LoggerFactory.getLogger(PrepareTask.class);

  private final JavaSparkContext spark;
  private final Configuration hadoop;
  private final PrepareSettings settings;

  /**
   * Sets up the job.
   *
   * @throws org.dapt.error.ConfigException if the format or the template is unknown
   */
  public PrepareTask(SparkSession session, PrepareSettings settings) {
    TaskFormat.of(settings.recipe().format());
    PromptTemplate.check(settings.recipe().template());
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    hadoop = spark.hadoopConfiguration();
    this.settings = settings;
  }

  /**
   * Checks the files of {@code task} and writes nothing.
   *
   * @param most instances to keep
   * @return how many instances each split would have, without those that are left alone, and the
   *     first of them
   * @throws org.dapt.error.ConfigException if the name of the task could lead out of a folder
   * @throws org.dapt.error.InputException if a file is missing or wrong
   */
  public static TaskSample check(
      Configuration hadoop, PrepareSettings settings, String task, int most) throws IOException {
    return TaskSample.of(
        hadoop,
        settings,
        prompts(hadoop, settings),
        task,
        most,
        sources -> {
          PrepareLog.warn(task, sources);
          PrepareLog.sources(task, sources, settings.recipe());
        });
  }

  /**
   * What is prepared in {@code folder}; writes nothing and needs no session.
   *
   * @return the manifest with which {@link #run} would find nothing to do; empty where it would
   *     write
   * @throws org.dapt.error.InputException as {@link #run}
   */
  public static Optional<TaskManifest> finished(
      Configuration hadoop, PrepareSettings settings, String task, Path folder) throws IOException {
    var prompts = prompts(hadoop, settings);
    var sources = TaskSources.inspect(hadoop, settings, prompts, task);
    var files = folder.getFileSystem(hadoop);
    return new FinishedTask(
            task,
            sources,
            settings.recipe(),
            Models.tokenizer(settings.modelFolder(), hadoop).sha256(),
            prompts.chatTemplateSha256())
        .in(files, files.makeQualified(folder));
  }

  /**
   * Prepares {@code task} into {@code folder}; nobody else may write there meanwhile. The manifest
   * is written last: without it the folder is unfinished. A folder that was made from the same
   * files, recipe and tokenizer and is undamaged stays as it is; anything else is replaced.
   *
   * @return the manifest
   * @throws org.dapt.error.ConfigException if the name of the task could lead out of a folder
   * @throws org.dapt.error.InputException if the task's files or the tokenizer are missing or wrong
   * @throws IOException if the folder cannot be written
   */
  public TaskManifest run(String task, Path folder) throws IOException {
    var prompts = prompts(hadoop, settings);
    var sources = TaskSources.inspect(hadoop, settings, prompts, task);
    var tokenizer = Models.tokenizer(settings.modelFolder(), hadoop);
    var tokenizerSha256 = tokenizer.sha256();
    PrepareLog.warn(task, sources);
    PrepareLog.sources(task, sources, settings.recipe());
    var files = folder.getFileSystem(hadoop);
    var qualified = files.makeQualified(folder);
    var finished =
        new FinishedTask(
                task, sources, settings.recipe(), tokenizerSha256, prompts.chatTemplateSha256())
            .in(files, qualified);
    if (finished.isPresent()) {
      LOG.info("Task {} is prepared already in {}", task, qualified);
      return finished.get();
    }
    clear(files, qualified, sources);
    var written = tokenise(sources, tokenizerSha256, qualified);
    var splits =
        new Splits(
            content(written, Split.TRAIN),
            content(written, Split.DEV),
            content(written, Split.TEST));
    var manifest =
        new TaskManifest(
            TaskManifest.FORMAT_VERSION,
            task,
            sources.definition(),
            settings.recipe(),
            tokenizerSha256,
            prompts.chatTemplateSha256(),
            sources.fields() == null ? null : sources.fields().names(),
            sources.inputs(),
            sources.holdOut(),
            sources.testHoldOut(),
            sources.drawnFrom(),
            splits);
    removeTemporaries(files, qualified, sources);
    ManifestFile.write(files, qualified, manifest);
    PrepareLog.content(manifest);
    PrepareLog.targets(task, total(written), settings);
    PrepareLog.warnOfPositions(manifest, settings.prefix(), tokenizer.rules().positions());
    return manifest;
  }

  private List<WrittenShard> tokenise(TaskSources sources, String tokenizerSha256, Path folder) {
    CoreTasks tasks = CoreTasks.of(spark);
    // As many passes over the files as run at once: one for each shard would parse a file that all
    // tasks share once more for every shard.
    int most = Math.max(1, tasks.slots());
    var jobs =
        sources.splits().stream()
            .flatMap(source -> ShardJob.of(source, settings.recipe().shards(), most).stream())
            .toList();
    var tokenise =
        new TokeniseShards(
            new SerializableConfiguration(hadoop),
            settings,
            sources.definition(),
            sources.instructed(),
            tokenizerSha256,
            folder,
            new ArrayList<>(jobs));
    try {
      // The numbers only: what they stand for travels with the function, which Java's own
      // serialisation writes.
      var numbers = IntStream.range(0, jobs.size()).boxed().toList();
      return tasks.of(spark.parallelize(numbers, jobs.size())).map(tokenise).collect().stream()
          .flatMap(List::stream)
          .toList();
    } catch (Exception e) {
      throw DaptException.in(e)
          .map(RuntimeException.class::cast)
          .orElseGet(() -> new IllegalStateException(e));
    }
  }

  private SplitContent content(List<WrittenShard> written, Split split) {
    var shards = written.stream().filter(shard -> shard.split() == split).toList();
    return total(shards).content(shards.stream().map(WrittenShard::entry).toList());
  }

  private ShardTally total(List<WrittenShard> shards) {
    var total = new ShardTally(settings.recipe(), OptionalInt.empty());
    shards.forEach(shard -> total.addAll(shard.tally()));
    return total;
  }

  private static void clear(FileSystem files, Path folder, TaskSources sources) throws IOException {
    // The manifest goes first: shards of two preparations never stand beside one manifest.
    files.delete(new Path(folder, TaskManifest.FILE), false);
    for (var split : Split.values()) {
      files.delete(new Path(folder, split.folder()), true);
    }
    for (var source : sources.splits()) {
      files.mkdirs(new Path(folder, source.split().folder()));
    }
  }

  private static void removeTemporaries(FileSystem files, Path folder, TaskSources sources)
      throws IOException {
    for (var source : sources.splits()) {
      for (var status :
          files.listStatus(new Path(folder, source.split().folder()), AtomicFile::isTemporary)) {
        files.delete(status.getPath(), false);
      }
    }
  }

  private static Prompts prompts(Configuration hadoop, PrepareSettings settings) {
    return Prompts.of(settings.recipe().template(), settings.modelFolder(), hadoop);
  }
}
