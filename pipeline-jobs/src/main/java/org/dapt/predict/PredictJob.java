package org.dapt.predict;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.dapt.answer.AnswerPlan;
import org.dapt.data.file.FileDigest;
import org.dapt.error.InputException;
import org.dapt.job.JobContext;
import org.dapt.run.LearntFolder;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.dapt.spark.CoreTasks;
import org.dapt.terminal.ProgressLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers all inputs of some files on the cluster. Rows are dealt to parts first, then the parts
 * are answered one by one, so that a call after one that was killed goes on with those that are not
 * there, and no row is answered twice or left out.
 */
public final class PredictJob {
  private static final Logger LOG = LoggerFactory.getLogger(PredictJob.class);
  private static final long POLL_MILLIS = 200;

  private final JobContext context;
  private final PredictSettings settings;
  private final List<String> tasks;

  /**
   * @param tasks what the model has learnt that answers, the oldest first
   */
  public PredictJob(JobContext context, PredictSettings settings, List<String> tasks) {
    this.context = context;
    this.settings = settings;
    this.tasks = tasks;
  }

  /**
   * Predicts, or finds that all is done.
   *
   * @return what came of it
   * @throws org.dapt.error.ConfigException if the method must know the task of inputs and does not,
   *     or the output folder has something else
   * @throws InputException if the input is missing or cannot be used
   */
  public PredictSummary run() throws IOException {
    PredictState state =
        PredictState.find(
            context.config(), context.hadoop(), context.run(), settings, tasks, this::digests);
    PredictionFolder folder = state.folder();
    if (state.isDone()) {
      LOG.info("All {} rows are answered already", state.plan().allRows());
      return summary(folder, state.plan(), 0, 0, 0);
    }
    try (Lease lease = Lease.acquire(folder.files(), folder.lease(), LeaseTimes.standard())) {
      PredictionPlan plan = folder.plan(state.madeFrom()).orElse(null);
      if (plan == null) {
        List<InputPart> parts = new DealJob(context, settings).run(state.input(), folder);
        lease.check();
        plan =
            new PredictionPlan(
                PredictionPlan.FORMAT,
                state.madeFrom(),
                tasks,
                parts.stream().map(InputPart::name).toList(),
                parts.stream().map(InputPart::rows).toList());
        plan.write(folder.files(), folder.path());
      }
      PredictSummary summary = answer(folder, plan);
      lease.check();
      folder.clear();
      folder.marker().write(context.config().hash(), state.madeFrom(), summary.marker());
      return summary;
    }
  }

  private List<String> digests(List<Path> files) {
    SerializableConfiguration hadoop = new SerializableConfiguration(context.hadoop());
    List<String> uris = files.stream().map(Path::toString).toList();
    return CoreTasks.of(context.sparkContext())
        .of(context.sparkContext().parallelize(uris, uris.size()))
        .map(
            uri -> {
              Path file = new Path(uri);
              return FileDigest.sha256(file.getFileSystem(hadoop.value()), file);
            })
        .collect();
  }

  private PredictSummary answer(PredictionFolder folder, PredictionPlan plan) throws IOException {
    List<Integer> missing = folder.missing(plan, settings.format());
    if (missing.isEmpty()) {
      return summary(folder, plan, 0, 0, 0);
    }
    long left = missing.stream().mapToLong(part -> plan.rows().get(part)).sum();
    LOG.info(
        "Answering {} of {} rows in {} parts with the model after {} {}",
        left,
        plan.allRows(),
        missing.size(),
        tasks.size(),
        tasks.size() == 1 ? "task" : "tasks");
    LongAccumulator rows = context.spark().sparkContext().longAccumulator("rows");
    LongAccumulator tokens = context.spark().sparkContext().longAccumulator("tokens");
    long start = System.nanoTime();
    await(
        CoreTasks.withModel(context.sparkContext(), context.config().model().device())
            .of(context.sparkContext().parallelize(missing, missing.size()))
            .foreachAsync(new AnswerPart(parts(folder, plan), rows, tokens)),
        left,
        rows,
        tokens);
    double seconds = (System.nanoTime() - start) / 1e9;
    return summary(folder, plan, rows.value(), tokens.value(), seconds);
  }

  private PartPlan parts(PredictionFolder folder, PredictionPlan plan) {
    List<LearntFolder> learnt = context.folders(tasks, tasks.size());
    return new PartPlan(
        AnswerPlan.of(context.config(), context.hadoop(), learnt),
        List.copyOf(tasks),
        settings.task(),
        context.config().template(settings.task()),
        settings.instruction(),
        context.config().tasks().maxSourceTokens(),
        folder.inputs().toString(),
        plan.parts(),
        plan.firstRows(),
        folder.path().toString(),
        settings.format());
  }

  private static void await(
      JavaFutureAction<Void> answering, long left, LongAccumulator rows, LongAccumulator tokens)
      throws IOException {
    ProgressLine line = new ProgressLine();
    long start = System.nanoTime();
    try {
      while (true) {
        try {
          answering.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          if (line.due()) {
            long done = rows.value();
            line.show(
                "predicting  row %d/%d  %s"
                    .formatted(
                        done,
                        left,
                        PredictSummary.speed(
                            done, tokens.value(), (System.nanoTime() - start) / 1e9)),
                false);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while parts are answered", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } finally {
      line.end();
    }
  }

  private PredictSummary summary(
      PredictionFolder folder, PredictionPlan plan, long rows, long tokens, double seconds) {
    Dataset<Row> table = settings.format().read(context.spark(), folder.path());
    Row totals =
        table
            .agg(
                functions.count(functions.lit(1)),
                count(table.col(AnswerTable.ERROR).isNotNull()),
                count(table.col(AnswerTable.CUT)),
                count(
                    table
                        .col(AnswerTable.ERROR)
                        .isNull()
                        .and(functions.trim(table.col(AnswerTable.INPUT)).equalTo(""))),
                total(table.col(AnswerTable.SOURCE_TOKENS)),
                total(table.col(AnswerTable.GENERATED_TOKENS)))
            .first();
    if (totals.getLong(0) != plan.allRows()) {
      throw new InputException(
          "%s has %d predictions, but the input has %d rows: files in it were added or removed. Delete the folder and predict again."
              .formatted(folder.path(), totals.getLong(0), plan.allRows()));
    }
    Map<String, Long> counts = new LinkedHashMap<>();
    for (int i = 0; i < PredictSummary.COUNTS.size(); i++) {
      counts.put(PredictSummary.COUNTS.get(i), totals.getLong(i));
    }
    Map<String, Long> chosen = new LinkedHashMap<>();
    Map<String, Long> found = new TreeMap<>();
    for (Row row :
        table
            .where(table.col(AnswerTable.WEIGHTS).isNotNull())
            .groupBy(AnswerTable.CHOSEN_TASK)
            .count()
            .collectAsList()) {
      found.put(row.getString(0), row.getLong(1));
    }
    if (!found.isEmpty()) {
      tasks.forEach(task -> chosen.put(task, found.getOrDefault(task, 0L)));
    }
    String firstError =
        table
            .where(table.col(AnswerTable.ERROR).isNotNull())
            .orderBy(AnswerTable.INDEX)
            .limit(1)
            .collectAsList()
            .stream()
            .map(
                row ->
                    "row %d: %s"
                        .formatted(
                            row.<Long>getAs(AnswerTable.INDEX),
                            row.<String>getAs(AnswerTable.ERROR)))
            .findFirst()
            .orElse("");
    return new PredictSummary(settings.output(), counts, chosen, firstError, rows, tokens, seconds);
  }

  private static Column count(Column condition) {
    return total(functions.when(condition, 1).otherwise(0));
  }

  private static Column total(Column values) {
    return functions.coalesce(functions.sum(values), functions.lit(0L));
  }
}
