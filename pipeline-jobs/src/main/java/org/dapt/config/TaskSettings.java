package org.dapt.config;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.config.key.AsBefore;
import org.dapt.config.key.MayChange;
import org.dapt.config.key.NotHashed;
import org.dapt.config.read.Reference;
import org.dapt.config.read.SettingReader;
import org.dapt.data.reader.BadRows;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.table.Field;
import org.dapt.metric.AnswerMetric;

/**
 * The tasks and how their data are prepared.
 *
 * @param root folder of the task folders, absolute or with a scheme
 * @param order names of the tasks in the order in which they are learnt, maybe none
 * @param format name of the {@link TaskFormat}
 * @param template setting that {@link PromptTemplate#check} accepts
 * @param metric score that decides
 * @param maxSourceTokens most tokens of an input, the end token included
 * @param maxTargetTokens most tokens of a target, the end token included
 * @param shards logical shards per split
 * @param holdOut share of train held out as dev, above 0 and below 1
 * @param splitSeed seed of the hold-out
 * @param beginOfText whether an input begins as the tokenizer begins a text
 * @param maxTrain most training examples of a task, 0 for all
 * @param maxDev most of its dev split
 * @param maxTest most of its test split
 * @param fields names of the fields of a row, by {@link Field#key()}; those that are not stated are
 *     looked for
 * @param badRows what becomes of rows that are no instances
 * @param overrides what is different for some tasks, by their names. Each is part of what its task
 *     is learnt from, so that one of a task that is yet to be learnt may come later
 */
public record TaskSettings(
    @MayChange String root,
    @NotHashed List<String> order,
    String format,
    String template,
    AnswerMetric metric,
    int maxSourceTokens,
    int maxTargetTokens,
    int shards,
    double holdOut,
    long splitSeed,
    @AsBefore("true") boolean beginOfText,
    @AsBefore("0") int maxTrain,
    @AsBefore("0") int maxDev,
    @AsBefore("0") int maxTest,
    SortedMap<String, String> fields,
    @AsBefore("fail") BadRows badRows,
    @NotHashed SortedMap<String, TaskOverride> overrides) {
  /** Keeps copies. */
  public TaskSettings {
    order = List.copyOf(order);
    fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    overrides = Collections.unmodifiableSortedMap(new TreeMap<>(overrides));
  }

  static TaskSettings read(SettingReader in) {
    return new TaskSettings(
        in.path("tasks.root"),
        in.taskNames("tasks.order"),
        in.choice("tasks.format", TaskFormat.names()),
        in.template("tasks.template"),
        in.choice("tasks.metric", AnswerMetric.class),
        in.wholeNumber("tasks.max-source-tokens", 1),
        in.wholeNumber("tasks.max-target-tokens", 1),
        in.wholeNumber("tasks.shards", 1),
        in.number("tasks.hold-out", v -> v > 0 && v < 1, "a number above 0 and below 1"),
        in.anyLong("tasks.split-seed"),
        in.flag("tasks.begin-of-text"),
        in.wholeNumber("tasks.max-train", 0),
        in.wholeNumber("tasks.max-dev", 0),
        in.wholeNumber("tasks.max-test", 0),
        in.texts(Reference.TASK_FIELDS, Arrays.stream(Field.values()).map(Field::key).toList()),
        in.choice("tasks.bad-rows", BadRows.class),
        TaskOverride.readAll(in));
  }
}
