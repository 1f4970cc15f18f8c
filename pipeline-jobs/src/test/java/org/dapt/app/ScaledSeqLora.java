package org.dapt.app;

import java.util.List;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.OptionReader;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.lora.LoraOptions;
import org.dapt.method.lora.SeqLora;

/** A method from outside of dapt with options of its own: {@code seq-lora} with another alpha. */
public final class ScaledSeqLora implements ContinualMethod {
  private final SeqLora base = new SeqLora();

  private record Own(double factor, boolean inverse) {
    static Own read(OptionReader in) {
      return new Own(in.positive("factor", 1.0), in.flag("inverse", false));
    }
  }

  @Override
  public String name() {
    return "scaled-seq-lora";
  }

  @Override
  public void readOptions(OptionReader in) {
    Own.read(in);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    return base.begin(scaled(context), learnt, task, replay);
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return base.restore(scaled(context), learnt, evaluated);
  }

  private static MethodContext scaled(MethodContext context) {
    Own own = context.own(Own::read);
    double alpha =
        LoraOptions.of(context).scale().alpha() * (own.inverse() ? 1 / own.factor() : own.factor());
    return new MethodContext(
        context.backbone(), context.sections().with("lora.alpha", alpha), context.seed());
  }
}
