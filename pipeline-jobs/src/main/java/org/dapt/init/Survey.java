package org.dapt.init;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.prepare.PrepareSettings;
import org.dapt.data.prepare.TaskSample;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.BadRows;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.data.shard.Recipe;
import org.dapt.data.table.Field;
import org.dapt.data.table.FieldNames;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.metric.AnswerMetric;
import org.dapt.models.Models;
import org.dapt.tokenizer.TextTokenizer;

/**
 * What the tasks come to with a model.
 *
 * @param stated names of fields that the user states
 * @param template value of {@code tasks.template}
 * @param samples by task
 * @param sources lengths of what is asked
 * @param targets lengths of the answers
 * @param metric by which answers are to be scored
 */
record Survey(
    SortedMap<String, String> stated,
    String template,
    Map<String, TaskSample> samples,
    Lengths sources,
    Lengths targets,
    AnswerMetric metric) {
  /** Instances of a task that are looked at. */
  private static final int MOST = 5000;

  /** Longer than any text. */
  private static final int UNCUT = 1 << 20;

  /** Different answers of a task of labels, at most. */
  private static final int LABELS = 50;

  /** Tokens of a label, the end token included, at most. */
  private static final int LABEL_TOKENS = 10;

  private static final String ASKED = "super-ni";
  private static final String BARE = "Input: {input}\nOutput: ";

  /**
   * Looks at the tasks of {@code data}.
   *
   * @param stated names of fields that the user states
   */
  static Survey of(
      Configuration hadoop, DataSet data, String model, SortedMap<String, String> stated)
      throws IOException {
    boolean chats = data.format().equals("chat");
    if (chats) {
      requireChatTemplate(hadoop, data, model);
    }
    Map<String, TaskSample> samples = new LinkedHashMap<>();
    for (String task : data.tasks()) {
      PrepareSettings settings =
          new PrepareSettings(
              data.root(),
              model,
              recipe(data.format(), chats ? PromptTemplate.CHAT : BARE, stated));
      samples.put(task, TaskSample.of(hadoop, settings, task, MOST));
    }
    String template = chats ? PromptTemplate.CHAT : template(hadoop, model, samples);
    Prompts prompts = Prompts.of(template, model, hadoop);
    TextTokenizer tokenizer = Models.tokenizer(model, hadoop);
    Lengths sources = new Lengths();
    Lengths targets = new Lengths();
    boolean labels = true;
    boolean seen = true;
    for (TaskSample sample : samples.values()) {
      Set<String> answers = new HashSet<>();
      Lengths own = new Lengths();
      for (Instance instance : sample.instances()) {
        String answer = instance.references().get(0);
        sources.add(
            prompts
                .encode(tokenizer, prompts.text(instance, sample.definition()), UNCUT)
                .fullLength());
        int length = tokenizer.encodeTarget(answer, UNCUT, 0).fullLength();
        own.add(length);
        targets.add(length);
        answers.add(answer.strip());
        seen &= answer.isBlank() || AnswerMetric.ROUGE_L.sees(answer);
      }
      labels &=
          answers.size() <= LABELS
              && 2 * answers.size() <= Math.max(4, own.count())
              && own.nearlyAll(1) <= LABEL_TOKENS;
    }
    return new Survey(
        stated,
        template,
        samples,
        sources,
        targets,
        labels
            ? AnswerMetric.EXACT_MATCH
            : seen ? AnswerMetric.ROUGE_L : AnswerMetric.ROUGE_L_UNICODE);
  }

  /** The tasks by the fields that were found in them; none where their files have no rows. */
  Map<FieldNames, List<String>> byFields() {
    Map<FieldNames, List<String>> tasks = new LinkedHashMap<>();
    samples.forEach(
        (task, sample) -> {
          if (sample.fields() != null) {
            tasks.computeIfAbsent(sample.fields(), any -> new ArrayList<>()).add(task);
          }
        });
    return tasks;
  }

  /**
   * The fields to be written: those that the user states, and those that all tasks have in a field
   * of the same name, unless that is our own, which is looked for in any case.
   */
  SortedMap<String, String> named() {
    SortedMap<String, String> named = new TreeMap<>(stated);
    Set<FieldNames> found = byFields().keySet();
    for (Field field : Field.values()) {
      Set<String> names = new HashSet<>();
      found.forEach(one -> names.add(one.of(field)));
      if (names.size() == 1 && !names.contains(null) && !names.contains(field.key())) {
        named.putIfAbsent(field.key(), names.iterator().next());
      }
    }
    return named;
  }

  private static void requireChatTemplate(Configuration hadoop, DataSet data, String model) {
    try {
      Models.chatTemplate(model, hadoop);
    } catch (ConfigException e) {
      throw new ConfigException(
          "%s has conversations, and the model %s no chat template to write them by: name a model that was made to chat by --model, or the texts in the rows by --field input=NAME --field output=NAME."
              .formatted(data.root(), model),
          e);
    }
  }

  private static Recipe recipe(String format, String template, SortedMap<String, String> stated) {
    return new Recipe(
        format,
        template,
        UNCUT,
        UNCUT,
        1,
        0.1,
        42,
        true,
        0,
        0,
        0,
        format.equals("super-ni") ? Collections.emptySortedMap() : new TreeMap<>(stated),
        BadRows.SKIP);
  }

  /** A model that was made to chat is asked in its own way. */
  private static String template(
      Configuration hadoop, String model, Map<String, TaskSample> samples) {
    try {
      Models.chatTemplate(model, hadoop);
      return PromptTemplate.CHAT;
    } catch (ConfigException | InputException e) {
      boolean instructed =
          samples.values().stream()
              .anyMatch(
                  sample ->
                      !sample.definition().isBlank()
                          || sample.instances().stream()
                              .anyMatch(instance -> !instance.instruction().isBlank()));
      return instructed ? ASKED : BARE;
    }
  }
}
