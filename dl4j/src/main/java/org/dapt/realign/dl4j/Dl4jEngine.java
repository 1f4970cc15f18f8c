package org.dapt.realign.dl4j;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.dapt.error.TrainingException;
import org.dapt.realign.FitPlan;
import org.dapt.realign.FittedSelection;
import org.dapt.realign.SelectionEngine;
import org.dapt.realign.SelectionValues;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The engine {@code dl4j}: a {@code ComputationGraph} of Deeplearning4j, trained by parameter
 * averaging on Spark.
 *
 * <p>A round of averaging is a step over all rows. Every worker takes one step of plain descent,
 * {@code p − n · gᵢ} of its shard's gradient gᵢ; the average of n workers is {@code p − Σ gᵢ}, so
 * {@code p} minus it is the gradient of the whole loss, whatever rows a shard has. ND4J's Adam goes
 * on with that. Averaging what n Adams make of n gradients would not: their second moments are
 * those of shards. All of it is in float64.
 */
public final class Dl4jEngine implements SelectionEngine {
  /** A loss below has nowhere to go. */
  private static final double SETTLED = 1e-12;

  /** Fewer rows of a shard are faster computed than sent for and averaged. */
  private static final int ROWS_OF_A_SHARD = 512;

  private final int rowsOfAShard;

  /** The engine as it is found. */
  public Dl4jEngine() {
    this(ROWS_OF_A_SHARD);
  }

  /** With shards of {@code rowsOfAShard} rows or more, as long as there are so many rows. */
  Dl4jEngine(int rowsOfAShard) {
    this.rowsOfAShard = rowsOfAShard;
  }

  @Override
  public String name() {
    return "dl4j";
  }

  @Override
  public FittedSelection fit(FitPlan plan) {
    SelectionValues start = plan.start();
    if (start.tasks() == 1) {
      // Its weight is 1, whatever the numbers are; Deeplearning4j knows no such softmax.
      return new FittedSelection(start, List.of(0.0, 0.0));
    }
    Nd4jRuntime.load();
    try (Shards shards = Shards.read(plan, rowsOfAShard);
        OneRound master = new OneRound(shards.count(), shards.rowsOfEach())) {
      return fit(plan, shards, master);
    }
  }

  private static FittedSelection fit(FitPlan plan, Shards shards, OneRound master) {
    int workers = shards.count();
    ComputationGraph graph = SelectionGraph.of(plan.start(), plan.temperature(), workers);
    SparkComputationGraph rounds =
        new SparkComputationGraph(
            JavaSparkContext.fromSparkContext(plan.spark().sparkContext()), graph, master);
    JavaRDD<MultiDataSet> batches = shards.rdd().mapPartitions(new Batches());
    double rows = (double) workers * shards.rowsOfEach();
    Adam adam = new Adam(plan.learningRate(), graph.numParams());
    List<Double> losses = new ArrayList<>();
    for (int step = 0; ; step++) {
      INDArray before = graph.params().dup();
      rounds.fitMultiDataSet(batches);
      double loss = rounds.getScore() * rows + shards.negativeEntropy();
      INDArray gradient = before.sub(graph.params());
      check(loss, gradient, step, plan);
      losses.add(loss);
      if (step == plan.steps()) {
        graph.setParams(before);
        break;
      }
      graph.setParams(before.subi(adam.update(gradient)));
    }
    SelectionValues fitted = SelectionGraph.values(graph, plan.start());
    return new FittedSelection(fitted, losses);
  }

  /** Deeplearning4j goes on with numbers that are none, and with rounds that came to nothing. */
  private static void check(double loss, INDArray gradient, int step, FitPlan plan) {
    double norm = gradient.norm2Number().doubleValue();
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new TrainingException(
          step == 0
              ? "The loss is %s before the first step; nothing was kept. What is seen of the inputs, or the keys and the query network, hold numbers that are not finite: learn the tasks again."
                  .formatted(loss)
              : "The loss is %s after %d of %d steps; nothing was kept. Take a smaller realign.learning-rate than %s."
                  .formatted(loss, step, plan.steps(), plan.learningRate()));
    }
    if (norm == 0 && loss > SETTLED) {
      throw new TrainingException(
          "The loss is %s after %d of %d steps and does not move; nothing was kept. Either keys and query network start at zero, or the executors' steps were lost. Take realign.engine = native."
              .formatted(loss, step, plan.steps()));
    }
  }
}
