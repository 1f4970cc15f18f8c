package org.dapt.realign.dl4j;

import org.dapt.realign.SelectionValues;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * A selection module as a graph: {@code w = softmax(q(x) Kᵀ / (temperature · √d))} with {@code q(x)
 * = LayerNorm(SiLU(up(down(x))))}, in float64. Its loss is the cross entropy of target and w, which
 * has the gradients of their divergence, and takes logarithms of numbers however small.
 */
final class SelectionGraph {
  /** Below this, logarithms end; Deeplearning4j's own 1e-10 hides how wrong a wrong choice is. */
  private static final double SMALLEST = 1e-300;

  private static final String WEIGHT = "_W";
  private static final String BIAS = "_b";

  private static final String INPUT = "seen";
  private static final String DOWN = "down";
  private static final String UP = "up";
  private static final String NORM = "norm";
  private static final String QUERY = "query";
  private static final String KEYS = "keys";
  private static final String SCALE = "scale";
  private static final String WEIGHTS = "weights";

  private SelectionGraph() {}

  /**
   * The graph with the numbers of {@code values}.
   *
   * @param temperature of the attention
   * @param stepSize what a gradient is multiplied by in a step of plain descent
   */
  static ComputationGraph of(SelectionValues values, double temperature, double stepSize) {
    int width = values.width();
    ComputationGraphConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .dataType(DataType.DOUBLE)
            .updater(new Sgd(stepSize))
            // Sums over rows, not means.
            .miniBatch(false)
            .graphBuilder()
            .addInputs(INPUT)
            .addLayer(DOWN, linear(width, values.hidden(), Activation.IDENTITY), INPUT)
            .addLayer(UP, linear(values.hidden(), width, Activation.SWISH), DOWN)
            .addLayer(NORM, new ActivationLayer(new RowNorm()), UP)
            .addLayer(
                QUERY,
                new ElementWiseMultiplicationLayer.Builder()
                    .nIn(width)
                    .nOut(width)
                    .activation(Activation.IDENTITY)
                    .build(),
                NORM)
            .addLayer(KEYS, linear(width, values.tasks(), Activation.IDENTITY), QUERY)
            .addVertex(SCALE, new ScaleVertex(1 / (temperature * Math.sqrt(width))), KEYS)
            .addLayer(
                WEIGHTS,
                new LossLayer.Builder(new LossMCXENT(SMALLEST, null))
                    .activation(Activation.SOFTMAX)
                    .build(),
                SCALE)
            .setOutputs(WEIGHTS)
            .build();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    matrix(graph, DOWN).assign(rows(values.down(), values.hidden(), width));
    matrix(graph, UP).assign(rows(values.up(), width, values.hidden()));
    matrix(graph, KEYS).assign(rows(values.keys(), values.tasks(), width));
    vector(graph, WEIGHT).assign(rows(values.normWeight(), 1, width));
    vector(graph, BIAS).assign(rows(values.normBias(), 1, width));
    return graph;
  }

  /** The numbers that {@code graph} has now, for as many tasks and widths as {@code like}. */
  static SelectionValues values(ComputationGraph graph, SelectionValues like) {
    return new SelectionValues(
        like.tasks(),
        like.width(),
        like.hidden(),
        numbers(matrix(graph, KEYS)),
        numbers(matrix(graph, DOWN)),
        numbers(matrix(graph, UP)),
        numbers(vector(graph, WEIGHT)),
        numbers(vector(graph, BIAS)));
  }

  private static DenseLayer linear(int in, int out, Activation activation) {
    return new DenseLayer.Builder().nIn(in).nOut(out).hasBias(false).activation(activation).build();
  }

  /** The matrix of a linear layer as PyTorch has it, {@code [out, in]}: a view. */
  private static INDArray matrix(ComputationGraph graph, String layer) {
    return graph.getParam(layer + WEIGHT).transpose();
  }

  /** What the normalised is multiplied by, or what is added then, {@code [1, width]}: a view. */
  private static INDArray vector(ComputationGraph graph, String name) {
    return graph.getParam(QUERY + name);
  }

  private static INDArray rows(float[] numbers, int rows, int columns) {
    double[] wide = new double[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      wide[i] = numbers[i];
    }
    return Nd4j.create(wide, new long[] {rows, columns}, 'c');
  }

  private static float[] numbers(INDArray matrix) {
    return matrix.dup('c').data().asFloat();
  }
}
