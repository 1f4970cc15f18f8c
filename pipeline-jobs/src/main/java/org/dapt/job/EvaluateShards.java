package org.dapt.job;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
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
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.data.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.metric.ExactMatch;
import org.dapt.metric.RougeL;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tokenizer.TextTokenizer;

/**
 * Answers the test examples of some shards and scores the answers: one Spark task of an evaluation.
 */
final class EvaluateShards implements FlatMapFunction<Iterator<Integer>, Row> {
  private static final long serialVersionUID = 1L;

  /** Places of the columns. */
  static final int TASK = 0;

  static final int INDEX = 1;
  static final int ROUGE_L = 6;
  static final int EXACT_MATCH = 7;
  static final int SELECTED_OWN = 8;
  static final int MIXTURE = 9;

  static final StructType COLUMNS =
      new StructType()
          .add("task", DataTypes.StringType, false)
          .add("index", DataTypes.LongType, false)
          .add("id", DataTypes.StringType, false)
          .add("input", DataTypes.StringType, false)
          .add("references", DataTypes.createArrayType(DataTypes.StringType, false), false)
          .add("prediction", DataTypes.StringType, false)
          .add("rouge_l", DataTypes.DoubleType, false)
          .add("exact_match", DataTypes.DoubleType, false)
          .add("selected_own", DataTypes.DoubleType, true)
          .add("mixture", DataTypes.createArrayType(DataTypes.DoubleType, false), true);

  private final EvaluatePlan plan;
  private final List<List<Unit>> parts;

  /**
   * @param parts the shards of each Spark task
   */
  EvaluateShards(EvaluatePlan plan, List<List<Unit>> parts) {
    this.plan = plan;
    this.parts = parts;
  }

  /**
   * One shard of a task's test split.
   *
   * @param task index of the task among the learnt ones
   * @param data folder of the prepared task
   */
  record Unit(int task, String data, int shard) implements Serializable {}

  @Override
  public Iterator<Row> call(Iterator<Integer> numbers) throws IOException {
    NativeRuntime.useThreads(1);
    Configuration hadoop = plan.hadoop().value();
    Backbone backbone = Models.backbone(plan.model(), hadoop);
    Map<Integer, List<TokenisedExample>> examples = read(numbers, hadoop);
    List<Row> rows = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      List<LearntTask> learnt = new ArrayList<>();
      for (LearntFolder folder : plan.learnt()) {
        learnt.add(
            TaskArtifacts.read(
                hadoop, new Path(folder.folder()), folder.task(), backbone.type().learnt()));
      }
      MethodContext context = new MethodContext(backbone, plan.methodOptions(), plan.seed());
      ContinualMethod method = ContinualMethods.named(plan.method());
      for (Map.Entry<Integer, List<TokenisedExample>> task : examples.entrySet()) {
        try (Predictor predictor =
            method.restore(context, learnt, plan.learnt().get(task.getKey()).task())) {
          rows.addAll(answer(task.getKey(), task.getValue(), predictor, backbone, hadoop));
        }
      }
    }
    return rows.iterator();
  }

  private Map<Integer, List<TokenisedExample>> read(Iterator<Integer> numbers, Configuration hadoop)
      throws IOException {
    Map<Integer, List<TokenisedExample>> examples = new TreeMap<>();
    while (numbers.hasNext()) {
      for (Unit unit : parts.get(numbers.next())) {
        PreparedTask data = PreparedTask.open(hadoop, new Path(unit.data()));
        try (ShardReader reader = data.reader(Split.TEST, unit.shard(), Projection.ALL)) {
          examples.computeIfAbsent(unit.task(), task -> new ArrayList<>()).addAll(reader.readAll());
        }
      }
    }
    return examples;
  }

  private List<Row> answer(
      int task,
      List<TokenisedExample> examples,
      Predictor predictor,
      Backbone backbone,
      Configuration hadoop) {
    TextTokenizer tokenizer = Models.tokenizer(plan.model().path(), hadoop);
    GreedyDecoder decoder = new GreedyDecoder(backbone, plan.maxNewTokens(), plan.batchTokens());
    List<Decoded> answers =
        decoder.decode(examples.stream().map(TokenisedExample::sourceIds).toList(), predictor);
    RougeL rouge = new RougeL();
    ExactMatch exact = new ExactMatch();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      TokenisedExample example = examples.get(i);
      List<Double> mixture = answers.get(i).mixture();
      String prediction = tokenizer.decode(answers.get(i).tokens());
      rows.add(
          RowFactory.create(
              plan.learnt().get(task).task(),
              example.index(),
              example.id(),
              example.input(),
              example.references().toArray(new String[0]),
              prediction,
              rouge.score(prediction, example.references()),
              exact.matches(prediction, example.references()) ? 1.0 : 0.0,
              mixture.isEmpty() ? null : argMax(mixture) == task ? 1.0 : 0.0,
              mixture.isEmpty() ? null : mixture.toArray(new Double[0])));
    }
    return rows;
  }

  private static int argMax(List<Double> values) {
    int best = 0;
    for (int i = 1; i < values.size(); i++) {
      if (values.get(i) > values.get(best)) {
        best = i;
      }
    }
    return best;
  }
}
