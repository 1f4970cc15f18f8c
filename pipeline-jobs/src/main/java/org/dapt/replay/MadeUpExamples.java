package org.dapt.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.dapt.config.TaskSettings;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.shard.PreparedTask;
import org.dapt.job.JobContext;
import org.dapt.method.Example;
import org.dapt.models.Models;
import org.dapt.run.LearntFolder;
import org.dapt.tokenizer.TextTokenizer;

/** The examples of earlier tasks that a method has made up by itself, as it learns from them. */
public final class MadeUpExamples {
  private final JobContext context;
  private final TextTokenizer tokenizer;

  public MadeUpExamples(JobContext context) {
    this.context = context;
    tokenizer = Models.tokenizer(context.model(), context.hadoop());
  }

  /**
   * Those of the tasks in {@code learnt}, which were made up after the last of them.
   *
   * @throws org.dapt.error.InputException where they are not there
   */
  public List<Example> of(List<LearntFolder> learnt) throws IOException {
    List<Example> examples = new ArrayList<>();
    if (learnt.isEmpty()) {
      return examples;
    }
    String last = learnt.get(learnt.size() - 1).task();
    SortedMap<String, SortedMap<Integer, PseudoSample>> samples =
        new PseudoFolder(context, learnt.size(), last).samplesOfAll();
    for (LearntFolder folder : learnt) {
      if (samples.containsKey(folder.task())) {
        add(folder.task(), samples.get(folder.task()), examples);
      }
    }
    return examples;
  }

  private void add(String task, SortedMap<Integer, PseudoSample> samples, List<Example> examples)
      throws IOException {
    TaskSettings settings = context.config().forTask(task).tasks();
    Prompts prompts = Prompts.of(settings.template(), context.model().path(), context.hadoop());
    String definition =
        PreparedTask.open(context.hadoop(), context.run().data(task)).manifest().definition();
    RecollectedTexts texts =
        new RecollectedTexts(
            JobContext.recollection(context.config()),
            tokenizer,
            context.config().replay().maxTokens());
    samples.forEach(
        (index, sample) -> {
          String own = sample.instruction();
          String asked = prompts.text(own.isBlank() ? definition : own, sample.input());
          String id = "%s/made-up-%d".formatted(task, index);
          int[] source = prompts.encode(tokenizer, asked, settings.maxSourceTokens()).ids();
          int[] target =
              tokenizer
                  .encodeTarget(
                      sample.output(), settings.maxTargetTokens(), prompts.answerEnd(tokenizer))
                  .ids();
          examples.add(
              new Example(
                  id,
                  index,
                  source,
                  target,
                  true,
                  texts.of(id, index, task, own, sample.input(), sample.output())));
        });
  }
}
