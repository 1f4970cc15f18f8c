package org.dapt.predict;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.error.InputException;
import org.dapt.job.JobContext;
import org.dapt.spark.CoreTasks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deals the rows of the input to parts, in the order of the input, and says what is wrong with
 * them.
 */
final class DealJob {
  private static final Logger LOG = LoggerFactory.getLogger(DealJob.class);

  private final JobContext context;
  private final PredictSettings settings;

  DealJob(JobContext context, PredictSettings settings) {
    this.context = context;
    this.settings = settings;
  }

  /**
   * The parts, in the order of the input.
   *
   * @throws InputException if there are no rows, or none that can be answered
   */
  List<InputPart> run(InputFiles input, PredictionFolder folder) throws IOException {
    folder.clear();
    folder.files().mkdirs(folder.inputs());
    Map<String, Integer> numbers = new HashMap<>();
    List<String> uris = new ArrayList<>();
    for (int i = 0; i < input.files().size(); i++) {
      uris.add(input.files().get(i).toString());
      numbers.put(uris.get(i), i);
    }
    DealInputs.Plan plan =
        new DealInputs.Plan(
            new SerializableConfiguration(context.hadoop()),
            input.kind(),
            settings.fields(),
            numbers,
            folder.inputs().toString(),
            settings.partRows());
    JavaRDD<InputPart> dealt =
        input.kind() == InputKind.JSON
            ? context
                .sparkContext()
                .parallelize(uris, uris.size())
                .mapPartitions(new DealInputs.OfFiles(plan))
            : new InputTable(context.spark(), input, settings.fields())
                .rows()
                .toJavaRDD()
                .mapPartitions(new DealInputs.OfTable(plan));
    List<InputPart> parts =
        new ArrayList<>(CoreTasks.of(context.sparkContext()).of(dealt).collect());
    parts.sort(Comparator.comparing(InputPart::name));
    check(parts);
    return parts;
  }

  private void check(List<InputPart> parts) {
    long rows = 0;
    long bare = 0;
    long replaced = 0;
    long bad = 0;
    String first = null;
    for (InputPart part : parts) {
      if (first == null && part.firstBad() != null) {
        first = part.firstBad();
      }
      rows += part.rows();
      bare += part.bare();
      replaced += part.replaced();
      bad += part.bad();
    }
    if (bad == rows) {
      throw new InputException(
          rows == 0
              ? "The input %s has no rows. Correct --input.".formatted(settings.input())
              : "None of the %d rows of %s can be answered; the first: %s. Correct the rows, or name the right field by --input-column."
                  .formatted(rows, settings.input(), first));
    }
    if (replaced > 0) {
      LOG.warn(
          "{} of {} rows of {} have characters (U+FFFD) that stand for bytes which are not UTF-8. If"
              + " the files are in another encoding, convert them: iconv -f windows-1252 -t utf-8",
          replaced,
          rows,
          settings.input());
    }
    if (bare > bad
        && settings.instruction() == null
        && PromptTemplate.takesInstruction(context.config().template(settings.task()))) {
      LOG.warn(
          "{} of {} rows have no instruction, which the tasks that were learnt may have. Give them a"
              + " field instruction, or --instruction for all",
          bare - bad,
          rows);
    }
  }
}
