package org.dapt.evaluate;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.dapt.answer.Answer;
import org.dapt.answer.AnswerPlan;
import org.dapt.answer.Answerer;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.metric.AnswerMetric;
import org.dapt.metric.ExactMatch;
import org.dapt.metric.RougeL;
import org.dapt.metric.UnicodeRougeL;
import org.dapt.run.PredictionTable;
import org.dapt.run.RunFolder;
import org.dapt.spark.HeapExhausted;
import org.dapt.spark.TaskThreads;
import org.dapt.tensor.NativeRuntime;

/**
 * Answers the test (or dev) examples of some shards and scores the answers: one Spark task of an
 * evaluation.
 */
final class EvaluateShards implements FlatMapFunction<Iterator<Integer>, Row> {
  private static final long serialVersionUID = 1L;

  /** Places of the columns; a task is its index among the evaluated ones. */
  static final int TASK = 0;

  static final int INDEX = 1;
  static final int ROUGE_L = 6;
  static final int EXACT_MATCH = 7;
  static final int SELECTED_OWN = 8;
  static final int ATTENTION_WEIGHTS = 9;

  /** Only where it is the metric of the run. */
  static final int ROUGE_L_UNICODE = 10;

  private final AnswerPlan plan;
  private final boolean unseen;
  private final AnswerMetric metric;
  private final Split split;
  private final List<List<Unit>> parts;
  private final CollectionAccumulator<Long> peaks;

  /**
   * @param unseen whether the tasks are none of the learnt ones
   * @param metric of the run
   * @param split whose examples are answered
   * @param parts the shards of each Spark task
   * @param peaks is given the most memory that the process of each has had
   */
  EvaluateShards(
      AnswerPlan plan,
      boolean unseen,
      AnswerMetric metric,
      Split split,
      List<List<Unit>> parts,
      CollectionAccumulator<Long> peaks) {
    this.plan = plan;
    this.unseen = unseen;
    this.metric = metric;
    this.split = split;
    this.parts = parts;
    this.peaks = peaks;
  }

  /**
   * The columns of the answers where {@code metric} is that of the run: those that are stored, and
   * before them the task, which in the table names of folders have.
   */
  static StructType columns(AnswerMetric metric) {
    return PredictionTable.withFirst(RunFolder.TASK, DataTypes.IntegerType, metric);
  }

  /**
   * One shard of a task's split.
   *
   * @param task index of the task among those that are evaluated, the learnt ones say
   * @param data folder of the prepared task
   */
  record Unit(int task, String data, int shard) implements Serializable {}

  @Override
  public Iterator<Row> call(Iterator<Integer> numbers) throws Exception {
    return HeapExhausted.guard(() -> evaluate(numbers));
  }

  private Iterator<Row> evaluate(Iterator<Integer> numbers) throws IOException {
    TaskThreads.use();
    Map<Integer, List<TokenisedExample>> examples = read(numbers, plan.hadoop().value());
    List<Row> rows = new ArrayList<>();
    try (Answerer answerer = Answerer.open(plan)) {
      for (Map.Entry<Integer, List<TokenisedExample>> task : examples.entrySet()) {
        rows.addAll(answer(task.getKey(), task.getValue(), answerer));
      }
    }
    peaks.add(NativeRuntime.peakResidentBytes());
    return rows.iterator();
  }

  private Map<Integer, List<TokenisedExample>> read(Iterator<Integer> numbers, Configuration hadoop)
      throws IOException {
    Map<Integer, List<TokenisedExample>> examples = new TreeMap<>();
    while (numbers.hasNext()) {
      for (Unit unit : parts.get(numbers.next())) {
        PreparedTask data = PreparedTask.open(hadoop, new Path(unit.data()));
        try (ShardReader reader = data.reader(split, unit.shard(), Projection.ALL)) {
          examples.computeIfAbsent(unit.task(), task -> new ArrayList<>()).addAll(reader.readAll());
        }
      }
    }
    return examples;
  }

  private List<Row> answer(int task, List<TokenisedExample> examples, Answerer answerer) {
    // Methods that are asked about unseen tasks take no notice of the name.
    String name = plan.learnt().get(unseen ? plan.learnt().size() - 1 : task).task();
    List<Answer> answers =
        answerer.answer(examples.stream().map(TokenisedExample::sourceIds).toList(), name);
    RougeL rouge = new RougeL();
    ExactMatch exact = new ExactMatch();
    UnicodeRougeL unicode = new UnicodeRougeL();
    // Gates may all be open: which of them is widest tells no choice.
    boolean chooses =
        !unseen && !ContinualMethods.named(plan.method()).has(Trait.WEIGHTS_ARE_GATES);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      TokenisedExample example = examples.get(i);
      Answer answer = answers.get(i);
      boolean weighs = !answer.attentionWeights().isEmpty();
      Double selected = answer.chosen() == task ? 1.0 : 0.0;
      List<Object> row =
          new ArrayList<>(
              Arrays.asList(
                  task,
                  example.index(),
                  example.id(),
                  example.input(),
                  example.references().toArray(new String[0]),
                  answer.text(),
                  rouge.score(answer.text(), example.references()),
                  exact.matches(answer.text(), example.references()) ? 1.0 : 0.0,
                  chooses && weighs ? selected : null,
                  weighs ? answer.attentionWeights().toArray(new Double[0]) : null));
      if (metric == AnswerMetric.ROUGE_L_UNICODE) {
        row.add(unicode.score(answer.text(), example.references()));
      }
      rows.add(RowFactory.create(row.toArray()));
    }
    return rows;
  }
}
