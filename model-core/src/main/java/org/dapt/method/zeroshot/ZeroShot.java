package org.dapt.method.zeroshot;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.dapt.backbone.Projection;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.method.Trait;

/**
 * The frozen model answers as it is: the bound below which no learning may fall. Its row of a
 * comparison is what the model knows already.
 */
public final class ZeroShot implements ContinualMethod {
  @Override
  public String name() {
    return "zero-shot";
  }

  @Override
  public OptionalLong trained(Sections sections, List<Projection> projections, long width) {
    return OptionalLong.of(0);
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.AT_ONCE, Trait.LEARNS_NOTHING);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    throw new IllegalStateException("zero-shot learns nothing");
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return Predictor.NONE;
  }
}
