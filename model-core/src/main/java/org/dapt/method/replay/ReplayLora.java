package org.dapt.method.replay;

import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.OptionReader;
import org.dapt.method.Predictor;
import org.dapt.method.Rehearsal;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.method.Trait;
import org.dapt.method.lora.SeqLora;
import org.dapt.pet.BlockKind;

/**
 * One LoRA block that is trained on from task to task, on kept examples of all earlier tasks as
 * well: the batches hold both, and the loss is the cross-entropy over all target tokens. It keeps
 * real examples, and needs no task of an input.
 */
public final class ReplayLora implements ContinualMethod {
  private static final SeqLora BLOCK = new SeqLora();

  /**
   * The section {@code method.options}.
   *
   * @param share of a task's training examples that is kept
   * @param fixed whether {@code batchShare} is the kept examples' part of a batch, or that which
   *     they are of kept and new examples together
   * @param batchShare their part of a batch, where it is fixed
   */
  record Options(double share, boolean fixed, double batchShare) {
    static Options read(OptionReader in) {
      return new Options(
          in.number("share", 1e-9, 1, 0.02),
          in.choice("mixing", List.of("proportional", "fixed"), "proportional").equals("fixed"),
          in.number("batch-share", 1e-9, 0.999, 0.2));
    }
  }

  @Override
  public String name() {
    return "replay";
  }

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.ONE_BLOCK);
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  @Override
  public void readOptions(OptionReader in) {
    Options.read(in);
  }

  @Override
  public Rehearsal rehearsal(Sections sections) {
    Options options = sections.own(Options::read);
    return new Rehearsal(
        BigDecimal.valueOf(options.share()),
        options.fixed() ? BigDecimal.valueOf(options.batchShare()) : null);
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    return BLOCK.begin(context, learnt, task, replay);
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return BLOCK.restore(context, learnt, evaluated);
  }
}
