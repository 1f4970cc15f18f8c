package org.dapt.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.dapt.config.ReflectionSettings;
import org.dapt.config.TaskSettings;
import org.dapt.data.Split;
import org.dapt.data.prepare.PromptTemplate;
import org.dapt.data.reader.TaskFolder;
import org.dapt.data.reader.TaskReader;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.method.Replay;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The replayed inputs of earlier tasks for attentive reflection: a seeded draw of their training
 * inputs, or files with pseudo samples.
 */
final class ReplayInputs {
  private final JobContext context;
  private final ReflectionSettings settings;

  ReplayInputs(JobContext context) {
    this.context = context;
    settings = context.config().reflection();
  }

  /**
   * The replay for learning the task after {@code learnt}. Tasks without an attention target are
   * left out: their method does not choose by attention.
   *
   * @param task the task that is about to be learnt: each one sees its own draw above {@code
   *     reflection.max-samples}
   */
  List<Replay> assemble(List<LearntFolder> learnt, String task) throws IOException {
    List<Replay> replay = new ArrayList<>();
    if (settings.source().equals("none")) {
      return replay;
    }
    for (LearntFolder folder : learnt) {
      List<Double> target =
          TaskArtifacts.readTarget(context.run().files(), new Path(folder.folder()));
      if (!target.isEmpty()) {
        replay.add(new Replay(folder.task(), sources(folder.task()), target));
      }
    }
    return limited(replay, task);
  }

  private List<int[]> sources(String task) throws IOException {
    return settings.source().equals("given") ? given(task) : drawn(task);
  }

  private List<int[]> given(String task) throws IOException {
    TaskSettings tasks = context.config().tasks();
    PromptTemplate template = PromptTemplate.of(tasks.template());
    TextTokenizer tokenizer = Models.tokenizer(context.config().model().path(), context.hadoop());
    List<String> inputs = new ArrayList<>();
    TaskReader reader = TaskReader.named(tasks.format());
    String definition =
        TaskFolder.find(context.hadoop(), settings.given(), task)
            .requiredFile(Split.TRAIN)
            .read(context.hadoop(), reader, (position, instance) -> inputs.add(instance.input()));
    return inputs.stream()
        .map(input -> template.render(definition, input))
        .map(text -> tokenizer.encode(text, tasks.maxSourceTokens()).ids())
        .toList();
  }

  private List<int[]> drawn(String task) throws IOException {
    PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(task));
    long examples = data.manifest().split(Split.TRAIN).examples();
    int samples = (int) Math.max(1, Math.min(examples, Math.round(settings.share() * examples)));
    Draw draw =
        new Draw(samples, examples, KeyedRandom.of(context.config().run().seed(), "replay", task));
    List<int[]> sources = new ArrayList<>();
    for (int shard = 0; shard < data.shards(); shard++) {
      try (ShardReader reader = data.reader(Split.TRAIN, shard, Projection.TRAINING)) {
        reader.forEach(
            row -> {
              if (draw.next()) {
                sources.add(row.sourceIds());
              }
            });
      }
    }
    return sources;
  }

  private List<Replay> limited(List<Replay> replay, String task) {
    long all = replay.stream().mapToLong(r -> r.sources().size()).sum();
    if (all <= settings.maxSamples()) {
      return replay;
    }
    Draw draw =
        new Draw(
            settings.maxSamples(),
            all,
            KeyedRandom.of(context.config().run().seed(), "replay-limit", task));
    List<Replay> limited = new ArrayList<>();
    for (Replay r : replay) {
      List<int[]> kept = r.sources().stream().filter(source -> draw.next()).toList();
      if (!kept.isEmpty()) {
        limited.add(new Replay(r.task(), kept, r.target()));
      }
    }
    return limited;
  }
}
