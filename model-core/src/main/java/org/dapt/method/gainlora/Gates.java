package org.dapt.method.gainlora;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Source;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.tensor.Tensors;

/**
 * The gates of all tasks.
 *
 * @param gates the oldest first, at least one
 */
record Gates(List<Gate> gates) {
  /** Those that {@code learnt} keep. */
  static List<Gate> of(MethodContext context, List<LearntTask> learnt, boolean cosine) {
    List<Gate> gates = new ArrayList<>();
    for (LearntTask task : learnt) {
      gates.add(Gate.of(task, context.backbone().width(), cosine));
    }
    return gates;
  }

  /** Each gate's value of inputs, {@code [batch, gates]}. */
  Tensor values(MethodContext context, Source source) {
    return values(Gate.pooled(context.backbone(), source));
  }

  /** The same of their p₀, {@code [batch, d]}. */
  Tensor values(Tensor p0) {
    return Tensors.cat(gates.stream().map(gate -> gate.value(p0)).toList(), 1);
  }
}
