package org.dapt.realign.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.assertj.core.data.Offset;
import org.dapt.realign.SelectionValues;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** The graph against the formulas as libtorch computes them, both in one process. */
class SelectionGraphTest {
  private static final Offset<Double> CLOSE = within(1e-10);

  private final Problem problem = Problem.of(21);

  @BeforeAll
  static void load() {
    Nd4jRuntime.load();
  }

  @Test
  void weightsAreThoseOfTheAttention() {
    ComputationGraph graph = SelectionGraph.of(problem.start(), Problem.TEMPERATURE, 1);
    INDArray weights = graph.outputSingle(problem.shard(0).batch().getFeatures(0));
    try (TorchFit torch = new TorchFit(problem)) {
      assertThat(weights.dup('c').data().asDouble()).containsExactly(torch.weights(), CLOSE);
    }
  }

  @Test
  void gradientsAreThoseOfTheSumOfSharesTimesDivergences() {
    ComputationGraph graph = SelectionGraph.of(problem.start(), Problem.TEMPERATURE, 1);
    MultiDataSet batch = problem.shard(4).batch();
    graph.setInputs(batch.getFeatures());
    graph.setLabels(batch.getLabels());
    graph.setLayerMaskArrays(null, batch.getLabelsMaskArrays());
    graph.computeGradientAndScore();
    Gradient found = graph.gradient();
    try (TorchFit torch = new TorchFit(problem)) {
      Map<String, double[]> expected = torch.gradients();
      assertThat(transposed(found, "keys_W")).containsExactly(expected.get("keys"), CLOSE);
      assertThat(transposed(found, "down_W")).containsExactly(expected.get("down"), CLOSE);
      assertThat(transposed(found, "up_W")).containsExactly(expected.get("up"), CLOSE);
      assertThat(flat(found.getGradientFor("query_W")))
          .containsExactly(expected.get("weight"), CLOSE);
      assertThat(flat(found.getGradientFor("query_b")))
          .containsExactly(expected.get("bias"), CLOSE);
    }
  }

  @Test
  void aShardKnowsWhatTheDivergenceHasBesideTheCrossEntropy() {
    ComputationGraph graph = SelectionGraph.of(problem.start(), Problem.TEMPERATURE, 1);
    Shard shard = problem.shard(4);
    // The mean over all of its rows.
    double loss = graph.score(shard.batch(), true) * 25 + shard.negativeEntropy();
    try (TorchFit torch = new TorchFit(problem)) {
      assertThat(loss).isCloseTo(torch.loss(), CLOSE);
    }
  }

  @Test
  void aWrongChoiceThatIsCertainCostsAllOfIt() {
    SelectionValues start = problem.start();
    float[] keys = start.keys().clone();
    for (int i = 0; i < keys.length; i++) {
      keys[i] *= 100;
    }
    Problem certain =
        problem.startingAt(
            new SelectionValues(
                start.tasks(),
                start.width(),
                start.hidden(),
                keys,
                start.down(),
                start.up(),
                start.normWeight(),
                start.normBias()));
    Shard shard = certain.shard(0);
    ComputationGraph graph = SelectionGraph.of(certain.start(), Problem.TEMPERATURE, 1);
    double loss = graph.score(shard.batch(), true) * 21 + shard.negativeEntropy();
    try (TorchFit torch = new TorchFit(certain)) {
      // Deeplearning4j's own limit of logarithms is 23.
      assertThat(torch.loss()).isGreaterThan(40);
      assertThat(loss).isCloseTo(torch.loss(), within(1e-9));
    }
  }

  @Test
  void numbersComeBackAsTheyWentIn() {
    SelectionValues start = problem.start();
    SelectionValues back =
        SelectionGraph.values(SelectionGraph.of(start, Problem.TEMPERATURE, 1), start);
    assertThat(back).usingRecursiveComparison().isEqualTo(start);
  }

  private static double[] transposed(Gradient gradient, String name) {
    return flat(gradient.getGradientFor(name).transpose());
  }

  private static double[] flat(INDArray array) {
    return array.dup('c').data().asDouble();
  }
}
