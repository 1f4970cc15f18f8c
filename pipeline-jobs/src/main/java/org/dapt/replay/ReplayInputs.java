package org.dapt.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.dapt.config.ReflectionSettings;
import org.dapt.config.ReflectionSource;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.error.InputException;
import org.dapt.job.JobContext;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Replay;
import org.dapt.method.Trait;
import org.dapt.models.Models;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;
import org.dapt.run.LearntFolder;
import org.dapt.run.TaskArtifacts;
import org.dapt.tokenizer.TextTokenizer;

/**
 * The replayed inputs of earlier tasks for attentive reflection: a seeded draw of their training
 * inputs, files with pseudo samples, or what a generator made up.
 */
public final class ReplayInputs {
  private final JobContext context;
  private final ReflectionSource source;
  private final ReflectionSettings settings;

  /** From where the configuration has them. */
  public ReplayInputs(JobContext context) {
    this(context, context.config().reflection().source());
  }

  /** From {@code source}. */
  public ReplayInputs(JobContext context, ReflectionSource source) {
    this.context = context;
    this.source = source;
    settings = context.config().reflection();
  }

  /**
   * The replay for learning the task after {@code learnt}; none for methods that do not reflect.
   */
  public List<Replay> assemble(List<LearntFolder> learnt) throws IOException {
    List<Replay> replay = new ArrayList<>();
    if (source == ReflectionSource.NONE || !reflects()) {
      return replay;
    }
    for (int i = 0; i < learnt.size(); i++) {
      String earlier = learnt.get(i).task();
      List<int[]> sources = sources(i + 1, earlier);
      if (!sources.isEmpty()) {
        replay.add(new Replay(earlier, sources, meanAttention(learnt.get(i), i + 1)));
      }
    }
    return replay;
  }

  private boolean reflects() {
    return ContinualMethods.named(context.config().method().name()).has(Trait.REFLECTS);
  }

  private List<Double> meanAttention(LearntFolder folder, int tasks) throws IOException {
    List<Double> mean =
        TaskArtifacts.readMeanAttention(context.run().files(), new Path(folder.folder()));
    if (mean.size() != tasks) {
      throw new InputException(
          "Task %s in %s has a mean attention over %d tasks, one over %d is expected. Delete its folder and those of all later tasks and run again."
              .formatted(folder.task(), folder.folder(), mean.size(), tasks));
    }
    return mean;
  }

  private List<int[]> sources(int number, String task) throws IOException {
    return switch (source) {
      case GIVEN -> given(task);
      case GENERATED -> generated(number, task);
      default -> drawn(task);
    };
  }

  private List<int[]> generated(int number, String task) throws IOException {
    Prompts prompts = prompts(task);
    return encoded(
        prompts,
        new PseudoFolder(context, number, task)
            .samples().stream()
                .map(sample -> prompts.text(sample.instruction(), sample.input()))
                .toList());
  }

  private Prompts prompts(String task) {
    return Prompts.of(
        context.config().forTask(task).tasks().template(),
        context.model().path(),
        context.hadoop());
  }

  private List<int[]> encoded(Prompts prompts, List<String> texts) {
    TextTokenizer tokenizer = Models.tokenizer(context.model(), context.hadoop());
    int most = context.config().tasks().maxSourceTokens();
    // A text without tokens asks nothing.
    return texts.stream()
        .map(text -> prompts.encode(tokenizer, text, most).ids())
        .filter(ids -> ids.length > 0)
        .toList();
  }

  private List<int[]> given(String task) throws IOException {
    List<Instance> instances = new ArrayList<>();
    String definition =
        ReplayFiles.given(context.hadoop(), context.config(), task)
            .read(
                context.hadoop(),
                ReplayFiles.reader(context.config()),
                (position, instance) -> instances.add(instance));
    Prompts prompts = prompts(task);
    return encoded(prompts, instances.stream().map(one -> prompts.text(one, definition)).toList());
  }

  private List<int[]> drawn(String task) throws IOException {
    PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(task));
    long examples = data.manifest().split(Split.TRAIN).examples();
    int samples = settings.samples(examples);
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
}
