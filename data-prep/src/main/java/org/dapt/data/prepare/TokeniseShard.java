package org.dapt.data.prepare;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.FileDigest;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.shard.ExampleWriter;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.error.InputException;
import org.dapt.models.Models;
import org.dapt.spark.HeapExhausted;
import org.dapt.tokenizer.EncodedText;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The Spark task: passes over the file of a split, tokenises the rows of one shard and writes them.
 *
 * <p>Every task reads its whole file, for JSON, and gzip all the more, can only be read from the
 * beginning; parsing is cheap beside tokenising, and no row has to travel. What a task writes
 * follows from its input alone, so a second attempt writes the same bytes.
 */
final class TokeniseShard implements Function<Integer, WrittenShard> {
  private static final long serialVersionUID = 1L;

  private final SerializableConfiguration hadoop;
  private final PrepareSettings settings;
  private final String definition;
  private final boolean instructed;
  private final String tokenizerSha256;
  private final String folder;
  private final List<ShardJob> jobs;

  TokeniseShard(
      SerializableConfiguration hadoop,
      PrepareSettings settings,
      String definition,
      boolean instructed,
      String tokenizerSha256,
      Path folder,
      List<ShardJob> jobs) {
    this.hadoop = hadoop;
    this.settings = settings;
    this.definition = definition;
    this.instructed = instructed;
    this.tokenizerSha256 = tokenizerSha256;
    this.folder = folder.toString();
    this.jobs = jobs;
  }

  /** Does the job with the given number. */
  @Override
  public WrittenShard call(Integer number) throws Exception {
    return HeapExhausted.guard(() -> tokenise(number));
  }

  private WrittenShard tokenise(int number) throws IOException {
    var job = jobs.get(number);
    var split = job.source().split();
    var target = new Path(folder, Shard.file(split, job.shard()));
    var files = target.getFileSystem(hadoop.value());
    var temporary = AtomicFile.temporaryFor(target);
    try {
      ShardTally tally;
      try (var writer = ExampleWriter.create(hadoop.value(), temporary, instructed)) {
        tally = write(job, writer);
      }
      var bytes = files.getFileStatus(temporary).getLen();
      var sha256 = FileDigest.sha256(files, temporary);
      AtomicFile.publish(files, temporary, target);
      return new WrittenShard(split, job.shard(), bytes, sha256, tally);
    } finally {
      files.delete(temporary, false);
    }
  }

  private ShardTally write(ShardJob job, ParquetWriter<TokenisedExample> writer)
      throws IOException {
    Recipe recipe = settings.recipe();
    SplitSource from = job.source();
    Prompts prompts = Prompts.of(recipe.template(), settings.modelFolder(), hadoop.value());
    TextTokenizer tokenizer =
        Models.tokenizer(
            settings.modelFolder(), recipe.beginOfText(), hadoop.value(), tokenizerSha256);
    int answerEnd = prompts.answerEnd(tokenizer);
    ShardTally tally = new ShardTally(recipe, tokenizer.unknownToken());
    SplitSource.Indexer rows = from.indexer();
    long[] position = {0};
    for (TaskFile file : from.files()) {
      PromptSink.Target target =
          (inFile, instance, text) -> {
            long index = rows.next();
            String id = id(from, position[0]++, instance);
            if (index >= 0 && index % recipe.shards() == job.shard()) {
              String place =
                  instance.place() == null
                      ? "%s, instance %d ('%s')".formatted(file.uri(), inFile, id)
                      : instance.place().toString();
              EncodedText source = source(prompts, tokenizer, text, place);
              EncodedText answer =
                  target(tokenizer, instance.references().get(0), answerEnd, place);
              TokenisedExample row =
                  new TokenisedExample(
                      index,
                      id,
                      instance.input(),
                      instance.references(),
                      source.ids(),
                      answer.ids(),
                      instance.instructionOr(""));
              writer.write(row);
              tally.add(row, source, answer);
            }
          };
      file.read(
          hadoop.value(),
          from.reading().reader(hadoop.value()),
          new PromptSink(prompts, definition, target, TaskSample.PASSED_OVER));
    }
    long expected = from.rows(job.shard(), recipe.shards());
    if (tally.rows() != expected) {
      throw new InputException(
          "%s changed while it was prepared: shard %d has %d rows, the first pass said %d. Run prepare again."
              .formatted(from.files().get(0).uri(), job.shard(), tally.rows(), expected));
    }
    return tally;
  }

  private EncodedText source(Prompts prompts, TextTokenizer tokenizer, String text, String place) {
    EncodedText source;
    try {
      source = prompts.encode(tokenizer, text, settings.recipe().maxSourceTokens());
    } catch (InputException e) {
      throw new InputException(place + ": " + e.getMessage(), e);
    }
    if (source.ids().length == 0) {
      throw new InputException(
          "%s: its text has no tokens, so that the model is asked nothing. Leave the instance out, or put words into tasks.template."
              .formatted(place));
    }
    return source;
  }

  private EncodedText target(TextTokenizer tokenizer, String text, int end, String place) {
    try {
      return tokenizer.encodeTarget(text, settings.recipe().maxTargetTokens(), end);
    } catch (InputException e) {
      throw new InputException(place + ": " + e.getMessage(), e);
    }
  }

  private static String id(SplitSource source, long position, Instance instance) {
    return instance.id().isEmpty() ? source.fileSplit().folder() + "-" + position : instance.id();
  }
}
