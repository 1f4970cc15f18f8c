package org.dapt.data.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.Split;
import org.dapt.data.table.FieldNames;

/**
 * A look at a task before it is prepared.
 *
 * @param rows how many instances each split would have
 * @param badRows rows that would be left out
 * @param definition its definition; empty where it has none
 * @param fields where the parts of an instance are; null where its files are no tables
 * @param instances the first ones that it is trained with, dev and test made of them included; of a
 *     task that is tested alone, the first of its test set
 */
public record TaskSample(
    Map<Split, Long> rows,
    LeftOutRows badRows,
    String definition,
    FieldNames fields,
    List<Instance> instances) {
  /**
   * Reads all of {@code task}, and keeps up to {@code most} instances.
   *
   * @throws org.dapt.error.ConfigException as {@link PrepareTask#check}
   * @throws org.dapt.error.InputException as {@link PrepareTask#check}
   */
  public static TaskSample of(Configuration hadoop, PrepareSettings settings, String task, int most)
      throws IOException {
    Prompts prompts = Prompts.of(settings.recipe().template(), settings.modelFolder(), hadoop);
    return of(hadoop, settings, prompts, task, most, sources -> {});
  }

  /**
   * The same.
   *
   * @param found is told of the files
   */
  static TaskSample of(
      Configuration hadoop,
      PrepareSettings settings,
      Prompts prompts,
      String task,
      int most,
      Consumer<TaskSources> found)
      throws IOException {
    List<Instance> instances = new ArrayList<>();
    TaskSources sources =
        TaskSources.inspect(
            hadoop,
            settings,
            prompts,
            task,
            instance -> {
              if (instances.size() < most) {
                instances.add(instance);
              }
            });
    found.accept(sources);
    Map<Split, Long> rows = new EnumMap<>(Split.class);
    sources.splits().forEach(source -> rows.put(source.split(), source.rows()));
    return new TaskSample(
        rows, sources.leftOut(), sources.definition(), sources.fields(), instances);
  }
}
