package org.dapt.init;

import com.typesafe.config.ConfigUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.dapt.config.key.Choices;
import org.dapt.data.prepare.LeftOutRows;
import org.dapt.data.prepare.TaskSample;
import org.dapt.data.reader.Split;
import org.dapt.data.table.Field;
import org.dapt.data.table.FieldNames;
import org.dapt.error.Shown;
import org.dapt.metric.AnswerMetric;

/** Writes a configuration with the reasons for its values. */
final class ConfigText {
  private final List<String> lines = new ArrayList<>();

  private ConfigText() {}

  /** The text. */
  static String of(DataSet data, String model, Survey survey, Proposal proposal) {
    ConfigText text = new ConfigText();
    text.head(data, model, survey);
    text.tasks(data, survey, proposal);
    text.training(proposal, survey);
    return String.join("\n", text.lines) + "\n";
  }

  private void head(DataSet data, String model, Survey survey) {
    add("# Made by dapt init from %s: %d %s.", data.root(), survey.samples().size(), tasks(survey));
    add(
        "# Every value may be changed before the first run; conf/reference.conf explains each key and has all others.");
    add("# A run keeps most of the values it was started with: for others, name another run.dir.");
    add("");
    add("# What is learnt is kept here, relative to this file.");
    add("run.dir = run");
    add("");
    add("# A Hugging Face folder of a T5 or Llama: config.json, tokenizer.json, *.safetensors.");
    add("model.path = %s", quoted(model));
    add("");
  }

  private static String tasks(Survey survey) {
    return survey.samples().size() == 1 ? "task" : "tasks";
  }

  private void tasks(DataSet data, Survey survey, Proposal proposal) {
    add("tasks {");
    add("  root = %s", quoted(data.root()));
    add("  # In the order in which they are learnt. Training, dev and test instances of each:");
    add("  order = [");
    for (Map.Entry<String, TaskSample> task : survey.samples().entrySet()) {
      Map<Split, Long> rows = task.getValue().rows();
      add(
          "    %s  # %d, %d, %d",
          quoted(task.getKey()), rows.get(Split.TRAIN), rows.get(Split.DEV), rows.get(Split.TEST));
    }
    add("  ]");
    add("  format = %s", data.format());
    fields(survey);
    long bad = bad(survey);
    if (bad > 0) {
      add(
          "  # %d %s cannot be used (the log names the first): fail, to be stopped by them.",
          bad, bad == 1 ? "row" : "rows");
      add("  bad-rows = skip");
    }
    template(survey);
    metric(survey);
    add(
        "  # %s: of %d that were looked at, %d inputs and %d answers would be cut.",
        proposal.bounded()
            ? "What the model holds of input and answer together, and %d tokens each at most"
                .formatted(Proposal.LONGEST)
            : "99 of 100 texts are not longer",
        survey.sources().count(),
        proposal.cutSources(),
        proposal.cutTargets());
    add("  max-source-tokens = %d", proposal.maxSourceTokens());
    add("  max-target-tokens = %d", proposal.maxTargetTokens());
    add(
        "  # Share of the training instances that becomes dev, or test, where there is no such split.");
    add("  hold-out = 0.1");
    add("}");
    add("");
  }

  private void fields(Survey survey) {
    Map<FieldNames, List<String>> tasks = survey.byFields();
    if (tasks.isEmpty()) {
      return;
    }
    add(
        "  # The fields of a row that count; %s are known.",
        Arrays.stream(Field.values()).map(Field::key).collect(Collectors.joining(", ")));
    add("  # Those without a name here are looked for by usual names in each task. Found were");
    tasks.forEach(
        (found, names) ->
            add(
                "  #   %s%s",
                Shown.of(found.toString()),
                tasks.size() == 1 ? "" : " (" + String.join(", ", names) + ")"));
    add("  fields {");
    survey.named().forEach((key, name) -> add("    %s = %s", key, quoted(name)));
    add("  }");
  }

  private static long bad(Survey survey) {
    return LeftOutRows.total(survey.samples().values().stream().map(TaskSample::badRows).toList());
  }

  private void template(Survey survey) {
    add(
        survey.template().equals("chat")
            ? "  # The model's own chat template, with instruction and input as a message of the user."
            : "  # How an input is written, with {input} and maybe {definition} for the instruction.");
    add("  template = %s", quoted(survey.template()));
  }

  private void metric(Survey survey) {
    add(
        survey.metric() == AnswerMetric.EXACT_MATCH
            ? "  # The answers are few and short: labels. For free text take rouge-l."
            : "  # The answers are free text. For labels take exact-match.");
    add("  metric = %s", Choices.text(survey.metric()));
  }

  private void training(Proposal proposal, Survey survey) {
    add("train {");
    add("  # More passes learn more and take longer.");
    add("  epochs = %d", proposal.epochs());
    if (proposal.maxSteps() > 0) {
      add("  # Tasks of many instances end here, a first run in bounded time.");
      add("  max-steps = %d", proposal.maxSteps());
    }
    add("  learning-rate = 5e-4");
    add("  global-batch = %d", proposal.globalBatch());
    add("  # Tokens computed with at once, so that the memory of this machine suffices.");
    add("  micro-batch-tokens = %d", proposal.microBatchTokens());
    if (proposal.recompute()) {
      add("  # Activations are computed again in place of being kept: less memory, more time.");
      add("  recompute = true");
    }
    add("}");
    add("lora.alpha = 64");
    add("");
    add(
        "# Replays a tenth of the inputs of earlier tasks, so that they keep being answered by their own blocks.");
    add("reflection { source = train, share = 0.1, lambda = 0.5 }");
    add("");
    add("evaluate.max-new-tokens = %d", proposal.maxTargetTokens());
    if (survey.samples().size() == 1) {
      add("");
      add("# One task: others join later with dapt learn, or in tasks.order.");
    }
  }

  private static String quoted(String text) {
    return text.matches("[A-Za-z][A-Za-z0-9_-]*") ? text : ConfigUtil.quoteString(text);
  }

  // The annotation that is asked for is not on the class path.
  @SuppressWarnings("AnnotateFormatMethod")
  private void add(String line, Object... values) {
    lines.add(values.length == 0 ? line : line.formatted(values));
  }
}
