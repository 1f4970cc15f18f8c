package org.dapt.method.pfd;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.lora.LoraPredictor;

/** Learnt blocks, chosen in every layer. */
final class PfdPredictor extends LoraPredictor {
  private final Routing routing;

  /**
   * @param routing is closed with it
   */
  PfdPredictor(MethodContext context, List<LearntTask> learnt, Routing routing) {
    super(context, learnt);
    this.routing = routing;
  }

  @Override
  public Tensor attentionWeights(Source source) {
    return routing.mean(source);
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    return mix(routing.weights(source, weights));
  }

  @Override
  public void close() {
    routing.close();
    super.close();
  }
}
