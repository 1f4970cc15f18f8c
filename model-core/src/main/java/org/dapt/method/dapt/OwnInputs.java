package org.dapt.method.dapt;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * What the attention sees of the first training inputs of the task that is about to be learnt, the
 * same on every rank.
 */
final class OwnInputs implements InputPass {
  /** Enough to know a task by, whatever its size. */
  private static final int MOST = 256;

  private final QueryInput input;
  private final Placement placement;
  private final int width;
  private final Consumer<Tensor> taker;

  /**
   * A pass over them.
   *
   * @param taker takes what is seen, {@code [inputs, d]} in float64 and the host's memory; it
   *     belongs to the caller's scope
   */
  OwnInputs(QueryInput input, Consumer<Tensor> taker) {
    this.input = input;
    placement = input.backbone().placement();
    width = input.backbone().width();
    this.taker = taker;
  }

  @Override
  public Over over() {
    return Over.TRAINING;
  }

  /** The first rows of a task are the first rows of its shards. */
  @Override
  public int mostOfShard() {
    return MOST;
  }

  /** A place for each of the first rows, with how often it is there behind it. */
  @Override
  public int entries() {
    return MOST * (width + 1);
  }

  @Override
  public Tensor of(Source source, List<Example> examples) {
    Tensor seen = input.of(source).to(ScalarType.Double);
    Tensor rows = placement.zeros(ScalarType.Double, MOST, width + 1);
    for (int i = 0; i < examples.size(); i++) {
      if (examples.get(i).row() < MOST) {
        Tensor row = rows.select(0, examples.get(i).row());
        row.narrow(0, 0, width).add_(seen.select(0, i));
        row.narrow(0, width, 1).add_(new Scalar(1.0));
      }
    }
    return rows.view(-1);
  }

  @Override
  public void take(Tensor sums) {
    Tensor rows = sums.view(MOST, width + 1);
    Tensor counts = rows.narrow(1, width, 1);
    long[] there = new long[MOST];
    int found = 0;
    double[] often = Tensors.toDoubles(counts.contiguous());
    for (int row = 0; row < MOST; row++) {
      if (often[row] > 0) {
        there[found++] = row;
      }
    }
    Tensor filled = placement.host().indices(Arrays.copyOf(there, found));
    taker.accept(
        rows.narrow(1, 0, width).index_select(0, filled).div(counts.index_select(0, filled)));
  }
}
