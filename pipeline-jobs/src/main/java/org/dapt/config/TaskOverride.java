package org.dapt.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.dapt.config.key.TypedSettings;
import org.dapt.config.read.Origins;
import org.dapt.config.read.Reference;
import org.dapt.config.read.SettingReader;
import org.dapt.data.reader.TaskFolder;
import org.dapt.error.ConfigException;
import org.dapt.error.NearestNames;
import org.dapt.error.Shown;
import org.dapt.metric.AnswerMetric;

/**
 * What holds for one task in place of the keys of these names in {@code train} and {@code tasks};
 * each is null where the task has nothing of its own.
 */
public record TaskOverride(
    Integer epochs,
    Integer maxSteps,
    Double learningRate,
    AnswerMetric metric,
    String template,
    Integer maxTrain,
    Integer maxDev,
    Integer maxTest) {
  /** All of them by task; what is wrong with one is a problem. */
  static SortedMap<String, TaskOverride> readAll(SettingReader in) {
    SortedMap<String, TaskOverride> all = new TreeMap<>();
    in.values()
        .section(Reference.TASK_OVERRIDES)
        .ifPresent(tasks -> tasks.forEach((task, value) -> new Reading(in, task).into(all, value)));
    return all;
  }

  /** What is stated, by the names of the keys. */
  public SortedMap<String, Object> values() {
    return TypedSettings.stated(this);
  }

  TaskSettings over(TaskSettings all) {
    return new TaskSettings(
        all.root(),
        all.order(),
        all.format(),
        or(template, all.template()),
        or(metric, all.metric()),
        all.maxSourceTokens(),
        all.maxTargetTokens(),
        all.shards(),
        all.holdOut(),
        all.splitSeed(),
        all.beginOfText(),
        or(maxTrain, all.maxTrain()),
        or(maxDev, all.maxDev()),
        or(maxTest, all.maxTest()),
        all.fields(),
        all.badRows(),
        all.overrides());
  }

  TrainSettings over(TrainSettings all) {
    return new TrainSettings(
        or(epochs, all.epochs()),
        or(maxSteps, all.maxSteps()),
        or(learningRate, all.learningRate()),
        all.schedule(),
        all.warmup(),
        all.weightDecay(),
        all.globalBatch(),
        all.microBatchTokens(),
        all.ranks(),
        all.exchange(),
        all.exchangeTimeout(),
        all.maxGradientNorm(),
        all.reference(),
        all.select(),
        all.devEvery(),
        all.patience(),
        all.devExamples(),
        all.verifyFrozen(),
        all.verifyRanksEvery(),
        all.recompute(),
        all.rankTokensPerSecond());
  }

  private static <T> T or(T own, T other) {
    return own == null ? other : own;
  }

  /** Reads the section of one task. */
  private record Reading(SettingReader in, String task) {
    void into(SortedMap<String, TaskOverride> all, ConfigValue value) {
      String section = ConfigUtil.joinPath("tasks", "overrides", task);
      if (value.valueType() == ConfigValueType.NULL) {
        return;
      }
      try {
        TaskFolder.checkName(task);
      } catch (ConfigException e) {
        in.values().fail(section, "tasks.overrides: " + e.getMessage());
        return;
      }
      if (!(value instanceof ConfigObject keys)) {
        in.values()
            .mismatch(
                section, value, "a section of what is different for this task, { epochs = 3 } say");
        return;
      }
      checkNames(section, keys);
      TaskOverride own =
          new TaskOverride(
              stated(keys, "epochs", key -> in.wholeNumber(key, 1)),
              stated(keys, "max-steps", key -> in.wholeNumber(key, 0)),
              stated(keys, "learning-rate", in::positive),
              stated(keys, "metric", key -> in.choice(key, AnswerMetric.class)),
              stated(keys, "template", in::template),
              stated(keys, "max-train", key -> in.wholeNumber(key, 0)),
              stated(keys, "max-dev", key -> in.wholeNumber(key, 0)),
              stated(keys, "max-test", key -> in.wholeNumber(key, 0)));
      if (!own.values().isEmpty()) {
        all.put(task, own);
      }
    }

    private void checkNames(String section, ConfigObject keys) {
      keys.forEach(
          (name, value) -> {
            if (!Reference.OF_ONE_TASK.containsKey(name)) {
              in.values()
                  .fail(
                      section,
                      "%s.%s is nothing that a task can have of its own (%s); the nearest is %s of %s."
                          .formatted(
                              section,
                              Shown.of(name),
                              Origins.where(value.origin()),
                              Reference.OF_ONE_TASK.keySet().stream()
                                  .min(NearestNames.to(name))
                                  .orElseThrow(),
                              String.join(", ", Reference.OF_ONE_TASK.keySet())));
            }
          });
    }

    private <T> T stated(ConfigObject keys, String name, Function<String, T> read) {
      ConfigValue value = keys.get(name);
      return value == null || value.valueType() == ConfigValueType.NULL
          ? null
          : read.apply(ConfigUtil.joinPath("tasks", "overrides", task, name));
    }
  }
}
