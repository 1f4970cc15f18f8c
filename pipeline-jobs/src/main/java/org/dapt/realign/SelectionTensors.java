package org.dapt.realign;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.method.dapt.QueryNetwork;
import org.dapt.method.dapt.Selection;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/** A selection module as numbers and as tensors. */
public final class SelectionTensors {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT32);

  private SelectionTensors() {}

  /** The numbers of {@code selection}. */
  public static SelectionValues values(Selection selection) {
    QueryNetwork network = selection.network();
    return new SelectionValues(
        (int) selection.keys().size(0),
        (int) selection.keys().size(1),
        (int) network.down().size(0),
        floats(selection.keys()),
        floats(network.down()),
        floats(network.up()),
        floats(network.normWeight()),
        floats(network.normBias()));
  }

  /** Tensors of {@code values} in float32 on the host; they belong to the open scope. */
  public static Selection selection(SelectionValues values) {
    long width = values.width();
    long hidden = values.hidden();
    return new Selection(
        HOST.of(ScalarType.Float, values.keys(), values.tasks(), width),
        new QueryNetwork(
            HOST.of(ScalarType.Float, values.down(), hidden, width),
            HOST.of(ScalarType.Float, values.up(), width, hidden),
            HOST.of(ScalarType.Float, values.normWeight(), width),
            HOST.of(ScalarType.Float, values.normBias(), width)));
  }

  private static float[] floats(Tensor tensor) {
    double[] numbers = Tensors.toDoubles(tensor);
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }
}
