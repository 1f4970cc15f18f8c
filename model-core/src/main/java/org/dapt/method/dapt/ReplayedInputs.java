package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.method.Replay;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * The replayed inputs of all earlier tasks, one task behind the other, with what the attention sees
 * of them: it depends on nothing that learns, so a step needs nothing else of them.
 */
final class ReplayedInputs implements AutoCloseable {
  private static final int POOLED_AT_ONCE = 64;

  private final Placement placement;
  private final ReplayDraw draw;
  private final int[] counts;
  private final Reflection all;

  private ReplayedInputs(Placement placement, ReplayDraw draw, int[] counts, Reflection all) {
    this.placement = placement;
    this.draw = draw;
    this.counts = counts;
    this.all = all;
  }

  /**
   * Passes over the inputs. Its tensors outlive the caller's scope, until {@link #close}.
   *
   * @param input what the attention sees of an input
   * @param draw which of them take part in a step
   * @param tasks how many blocks the attention weighs, that of the new task included
   * @return null where there is no input
   */
  static ReplayedInputs of(QueryInput input, List<Replay> replay, ReplayDraw draw, int tasks) {
    Backbone backbone = input.backbone();
    List<Tensor> pooled = new ArrayList<>();
    List<double[]> targets = new ArrayList<>();
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      for (Replay replayed : replay) {
        double[] target = replayed.target(tasks);
        for (int from = 0; from < replayed.sources().size(); from += POOLED_AT_ONCE) {
          int to = Math.min(from + POOLED_AT_ONCE, replayed.sources().size());
          List<int[]> part = replayed.sources().subList(from, to);
          pooled.add(Scopes.inScope(() -> input.of(backbone.source(part))));
          part.forEach(source -> targets.add(target));
        }
      }
      if (pooled.isEmpty()) {
        return null;
      }
      double[] flat = targets.stream().flatMapToDouble(Arrays::stream).toArray();
      int[] counts = counts(replay);
      Placement placement = backbone.placement();
      Reflection all =
          new Reflection(
              Scopes.keep(Tensors.cat(pooled, 0)),
              Scopes.keep(placement.of(placement.learnt(), flat, targets.size(), tasks)),
              Scopes.keep(draw.shares(counts, placement)));
      return new ReplayedInputs(placement, draw, counts, all);
    }
  }

  /**
   * The reflection on those that take part in a step.
   *
   * @param step from 1
   */
  Reflection of(long step) {
    return draw.of(all, counts, step, placement);
  }

  /** What the attention sees of all of them, {@code [samples, d]}. */
  Tensor pooled() {
    return all.pooled();
  }

  /** How many of {@link #pooled}'s rows each earlier task has, in their order. */
  int[] counts() {
    return counts.clone();
  }

  @Override
  public void close() {
    Scopes.release(all.pooled());
    Scopes.release(all.targets());
    Scopes.release(all.shares());
  }

  /** Inputs of one name in a row are of one task; a task without any does not count. */
  private static int[] counts(List<Replay> replay) {
    List<Integer> counts = new ArrayList<>();
    String name = null;
    for (Replay replayed : replay) {
      int more = replayed.sources().size();
      if (more == 0) {
        continue;
      }
      if (replayed.task().equals(name)) {
        int last = counts.size() - 1;
        counts.set(last, counts.get(last) + more);
      } else {
        counts.add(more);
      }
      name = replayed.task();
    }
    return counts.stream().mapToInt(Integer::intValue).toArray();
  }
}
