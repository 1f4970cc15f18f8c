package org.dapt.config;

import org.dapt.config.key.Choices;
import org.dapt.config.read.CheckedValues;
import org.dapt.config.read.Reference;
import org.dapt.data.reader.BadRows;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.table.TableFormat;

/** The conditions between keys. */
record CrossChecks(CheckedValues values) {
  void check(DaptConfig config) {
    TaskSettings tasks = config.tasks();
    ReflectionSettings reflection = config.reflection();
    TrainSettings train = config.train();
    requireWholeShares(tasks, "train.global-batch", train.globalBatch());
    if (reflection.source() == ReflectionSource.GENERATED) {
      requireWholeShares(tasks, "replay.global-batch", config.replay().globalBatch());
    }
    checkFormat(tasks);
    if (values.areSound("tasks.shards", "train.ranks") && train.ranks() > tasks.shards()) {
      values.reject(
          "train.ranks",
          "at most tasks.shards, which is %d, or 0 to choose".formatted(tasks.shards()));
    }
    if (values.areSound("train.patience", "train.select")
        && train.patience() > 0
        && train.select() == SelectedParameters.LAST) {
      values.reject(
          "train.patience",
          "0, because train.select is last: set that to best-dev, which looks at dev");
    }
    if (values.areSound("reflection.source", "reflection.given")) {
      var given = reflection.source() == ReflectionSource.GIVEN;
      if (given && reflection.given() == null) {
        values.reject(
            "reflection.given", "the folder of the samples, because reflection.source is given");
      } else if (!given && reflection.given() != null) {
        values.reject(
            "reflection.given",
            "null, because reflection.source is %s: set that to given to use the folder"
                .formatted(Choices.text(reflection.source())));
      }
    }
  }

  private void checkFormat(TaskSettings tasks) {
    if (!values.areSound("tasks.format")) {
      return;
    }
    boolean table = TaskFormat.of(tasks.format()) instanceof TableFormat;
    if (!table && !tasks.fields().isEmpty()) {
      values.fail(
          Reference.TASK_FIELDS,
          "tasks.fields is stated, but files of the format %s have their own names of fields: leave it out, or set tasks.format to one that has rows."
              .formatted(tasks.format()));
    }
    if (!table && tasks.badRows() == BadRows.SKIP) {
      values.reject(
          "tasks.bad-rows",
          "fail, because files of the format %s have no rows".formatted(tasks.format()));
    }
    if (values.areSound("tasks.template")
        && tasks.format().equals("chat")
        && !tasks.template().equals(PromptTemplate.CHAT)) {
      values.reject("tasks.template", "chat, because tasks.format is chat");
    }
  }

  private void requireWholeShares(TaskSettings tasks, String key, int globalBatch) {
    if (values.areSound("tasks.shards", key) && globalBatch % tasks.shards() != 0) {
      values.reject(
          key,
          "a multiple of tasks.shards, which is %d: a rank takes the same number from each shard"
              .formatted(tasks.shards()));
    }
  }
}
