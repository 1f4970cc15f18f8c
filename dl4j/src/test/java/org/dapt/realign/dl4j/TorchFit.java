package org.dapt.realign.dl4j;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.dapt.method.dapt.QueryNetwork;
import org.dapt.method.dapt.Reflection;
import org.dapt.method.dapt.SharedAttention;
import org.dapt.realign.SelectionValues;
import org.dapt.tensor.NativeRuntime;

/** The same fit by libtorch's autograd and Adam in float64, in one process. */
final class TorchFit implements AutoCloseable {
  private final PointerScope scope;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Reflection reflection;
  private final SharedAttention attention;

  TorchFit(Problem problem) {
    NativeRuntime.useThreads(1);
    scope = new PointerScope();
    SelectionValues start = problem.start();
    int width = start.width();
    parameters.put("keys", learnt(start.keys(), start.tasks(), width));
    parameters.put("down", learnt(start.down(), start.hidden(), width));
    parameters.put("up", learnt(start.up(), width, start.hidden()));
    parameters.put("weight", learnt(start.normWeight(), width));
    parameters.put("bias", learnt(start.normBias(), width));
    attention =
        new SharedAttention(
            new QueryNetwork(
                parameters.get("down"),
                parameters.get("up"),
                parameters.get("weight"),
                parameters.get("bias")),
            parameters.get("keys"),
            Problem.TEMPERATURE);
    Shard shard = problem.shard(0);
    int rows = shard.filled();
    reflection =
        new Reflection(
            Tensor.create(wide(shard.seen()), rows, width),
            Tensor.create(shard.targets(), rows, start.tasks()),
            Tensor.create(shard.shares(), rows));
  }

  /** The attention of all rows, {@code [rows · tasks]}. */
  double[] weights() {
    return numbers(attention.weights(reflection.pooled()));
  }

  /** The loss. */
  double loss() {
    return reflection.divergence(attention).item_double();
  }

  /** The gradients by parameter: keys, down, up, weight and bias. */
  Map<String, double[]> gradients() {
    reflection.divergence(attention).backward();
    Map<String, double[]> gradients = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> gradients.put(name, numbers(parameter.grad())));
    return gradients;
  }

  /** The loss before each of {@code steps} steps and after the last. */
  List<Double> losses(int steps) {
    TensorVector all = new TensorVector(parameters.values().toArray(Tensor[]::new));
    Adam adam = new Adam(all, new AdamOptions(Problem.LEARNING_RATE));
    List<Double> losses = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      adam.zero_grad();
      Tensor loss = reflection.divergence(attention);
      losses.add(loss.item_double());
      loss.backward();
      adam.step();
    }
    losses.add(loss());
    return losses;
  }

  private static Tensor learnt(float[] numbers, long... shape) {
    return Tensor.create(wide(numbers), shape).requires_grad_(true);
  }

  private static double[] wide(float[] numbers) {
    double[] wide = new double[numbers.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = numbers[i];
    }
    return wide;
  }

  private static double[] numbers(Tensor tensor) {
    Tensor flat = tensor.detach().contiguous();
    double[] numbers = new double[Math.toIntExact(flat.numel())];
    flat.data_ptr_double().get(numbers);
    return numbers;
  }

  @Override
  public void close() {
    scope.close();
  }
}
