package org.dapt.data.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.InstanceSink;
import org.dapt.data.reader.Place;
import org.dapt.data.reader.RowFault;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.error.InputException;
import org.dapt.models.Models;
import org.dapt.spark.HeapExhausted;
import org.dapt.tokenizer.EncodedText;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The Spark task: passes over the files of a split, tokenises the rows of some of its shards and
 * writes them.
 *
 * <p>Every task reads whole files, for JSON, and gzip all the more, can only be read from the
 * beginning, and no row has to travel. What a task writes follows from its input alone, so a second
 * attempt writes the same rows.
 */
final class TokeniseShards implements Function<Integer, List<WrittenShard>> {
  /** For rows that a pass before told of. */
  private static final InstanceSink PASSED_OVER =
      new InstanceSink() {
        @Override
        public void accept(long position, Instance instance) {}

        @Override
        public void bad(Place place, RowFault fault, String problem) {}
      };

  private static final long serialVersionUID = 1L;

  private final SerializableConfiguration hadoop;
  private final PrepareSettings settings;
  private final String definition;
  private final boolean instructed;
  private final String tokenizerSha256;
  private final String folder;
  private final List<ShardJob> jobs;

  TokeniseShards(
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
  public List<WrittenShard> call(Integer number) throws Exception {
    return HeapExhausted.guard(() -> tokenise(number));
  }

  private List<WrittenShard> tokenise(int job) throws IOException {
    SplitSource source = jobs.get(job).source();
    TextTokenizer tokenizer =
        Models.tokenizer(
            settings.modelFolder(),
            settings.recipe().beginOfText(),
            hadoop.value(),
            tokenizerSha256);
    Map<Integer, OpenShard> open = new TreeMap<>();
    try {
      for (int shard : jobs.get(job).shards()) {
        open.put(
            shard,
            new OpenShard(
                hadoop.value(),
                new Path(folder),
                source.split(),
                shard,
                instructed,
                new ShardTally(settings.recipe(), tokenizer.unknownToken())));
      }
      write(source, tokenizer, open);
      List<WrittenShard> written = new ArrayList<>();
      open.forEach((number, shard) -> requireAllRows(source, number, shard.rows()));
      for (OpenShard shard : open.values()) {
        written.add(shard.publish());
      }
      return written;
    } finally {
      for (OpenShard shard : open.values()) {
        shard.close();
      }
    }
  }

  private void requireAllRows(SplitSource from, int shard, long rows) {
    long expected = from.rows(shard, settings.recipe().shards());
    if (rows != expected) {
      throw new InputException(
          "%s changed while it was prepared: shard %d has %d rows, the first pass said %d. Run prepare again."
              .formatted(from.files().get(0).uri(), shard, rows, expected));
    }
  }

  private void write(SplitSource from, TextTokenizer tokenizer, Map<Integer, OpenShard> open)
      throws IOException {
    Recipe recipe = settings.recipe();
    Prompts prompts = Prompts.of(recipe.template(), settings.modelFolder(), hadoop.value());
    int answerEnd = prompts.answerEnd(tokenizer);
    SplitSource.Indexer rows = from.indexer();
    long[] position = {0};
    for (TaskFile file : from.files()) {
      PromptSink.Target target =
          (inFile, instance, text) -> {
            long index = rows.next();
            String id = id(from, position[0]++, instance);
            OpenShard shard = index < 0 ? null : open.get((int) (index % recipe.shards()));
            if (shard != null) {
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
              shard.write(row, source, answer);
            }
          };
      file.read(
          hadoop.value(),
          from.reading().reader(hadoop.value()),
          new PromptSink(prompts, definition, target, PASSED_OVER));
    }
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
