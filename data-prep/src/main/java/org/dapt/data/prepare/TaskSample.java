package org.dapt.data.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.Instance;
import org.dapt.data.reader.InstanceSink;
import org.dapt.data.reader.Place;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.shard.TaskManifest.Input;
import org.dapt.data.table.FieldNames;

/**
 * A look at a task before it is prepared.
 *
 * @param rows how many instances each split would have
 * @param badRows rows that would be left out
 * @param definition its definition; empty where it has none
 * @param fields where the parts of an instance are; null where its files are no tables
 * @param instances the first ones that it is trained with, dev and test made of them included
 */
public record TaskSample(
    Map<Split, Long> rows,
    long badRows,
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
    TaskSources sources = TaskSources.inspect(hadoop, settings, prompts, task);
    Map<Split, Long> rows = new EnumMap<>(Split.class);
    sources.splits().forEach(source -> rows.put(source.split(), source.rows()));
    SplitSource train = sources.splits().get(0);
    List<Instance> instances = new ArrayList<>();
    PromptSink kept =
        new PromptSink(
            prompts,
            sources.definition(),
            (position, instance, text) -> {
              if (instances.size() < most) {
                instances.add(instance);
              }
            },
            PASSED_OVER);
    for (TaskFile file : train.files()) {
      file.read(hadoop, train.reading().reader(hadoop), kept);
    }
    return new TaskSample(
        rows,
        sources.inputs().stream().mapToLong(Input::badRows).sum(),
        sources.definition(),
        sources.fields(),
        instances);
  }

  /** For rows that a pass before told of. */
  static final InstanceSink PASSED_OVER =
      new InstanceSink() {
        @Override
        public void accept(long position, Instance instance) {}

        @Override
        public void bad(Place place, String problem) {}
      };
}
