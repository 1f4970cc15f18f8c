package org.dapt.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.job.JobContext;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Recollection;
import org.dapt.method.Rehearsal;
import org.dapt.method.Sections;
import org.dapt.models.Models;
import org.dapt.run.LearntFolder;
import org.dapt.run.TaskArtifacts;
import org.dapt.tokenizer.TextTokenizer;

/** Samples that a method makes up with what it has learnt. */
record RecollectedSamples(JobContext context) {
  /** So many training texts of a task are looked at. */
  private static final int LOOKED_AT = 500;

  /** Samples of each of {@code learnt}, as the method writes them after the last of them. */
  List<TaskHarvest> harvest(List<LearntFolder> learnt) throws IOException {
    ContinualMethod method = ContinualMethods.named(context.config().method().name());
    Recollection form = method.recollection(context.methodOptions());
    Rehearsal rehearsal = method.rehearsal(context.methodOptions());
    TextTokenizer tokenizer = Models.tokenizer(context.model(), context.hadoop());
    List<TaskHarvest> harvests = new ArrayList<>();
    for (LearntFolder folder : learnt) {
      PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(folder.task()));
      SplitContent train = data.manifest().split(Split.TRAIN);
      Set<String> labels = Labels.of(data, form.mostLabels(), tokenizer);
      RecollectedForm samples =
          RecollectedForm.of(form, labels, train, data.manifest().definition());
      harvests.add(
          new TaskHarvest(
              folder.task(),
              new SampleHarvest(rehearsal.kept(train.examples()), samples::parse, true)));
    }
    DrawSamples.fill(
        context.sparkContext(),
        DrawPlan.of(
            context,
            context.methodOptions(),
            new Source(method.name(), context.methodOptions(), new ArrayList<>(learnt))),
        harvests,
        context.config().replay().maxAttempts());
    return harvests;
  }

  /**
   * What of the first training texts of {@code task} was learnt without its end; empty where it is
   * less than a tenth.
   */
  String cutTexts(String task) throws IOException {
    PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(task));
    RecollectedTexts texts =
        new RecollectedTexts(
            JobContext.recollection(context.config()),
            Models.tokenizer(context.model(), context.hadoop()),
            context.config().replay().maxTokens());
    int looked = 0;
    int cut = 0;
    for (int shard = 0; shard < data.shards() && looked < LOOKED_AT; shard++) {
      try (ShardReader reader = data.reader(Split.TRAIN, shard, Projection.ALL)) {
        for (int group = 0; group < reader.rowGroups() && looked < LOOKED_AT; group++) {
          for (TokenisedExample row : reader.readRowGroup(group)) {
            looked++;
            cut += texts.isCut(row.instruction(), row.input(), row.references().get(0)) ? 1 : 0;
          }
        }
      }
    }
    return cut * 10 < looked || cut == 0
        ? ""
        : " Of %d training texts that were looked at %d are longer than replay.max-tokens = %d and were learnt with a part of their inputs: raise that, too."
            .formatted(looked, cut, texts.maxTokens());
  }

  /**
   * What a method has learnt.
   *
   * @param method its name
   * @param options of the method
   * @param learnt the tasks so far
   */
  private record Source(String method, Sections options, List<LearntFolder> learnt)
      implements SampleSource {
    @Override
    public String request(String task) {
      return ContinualMethods.named(method).recollection(options).request(task);
    }

    @Override
    public Predictor open(MethodContext context, Configuration hadoop, String task) {
      return ContinualMethods.named(method)
          .restore(
              context, TaskArtifacts.readAll(hadoop, learnt, context.backbone().placement()), task);
    }

    @Override
    public List<String> key(String task) {
      return List.of("recollected", learnt.get(learnt.size() - 1).task(), task);
    }
  }
}
