package org.dapt.method.dapt;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.error.InputException;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.method.Trait;
import org.dapt.pet.BlockBank;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/**
 * The dual attention framework (arXiv 2401.08295), whatever its blocks are: a task's block is
 * learnt within the mixture of all blocks, the shared attention that weighs them chooses them for
 * inputs of unknown task, and reflection keeps the attention of earlier tasks where it was. The
 * newest block and key and the query network learn; everything older is frozen.
 */
abstract class DualAttention implements ContinualMethod {
  static final String KEY = "key";

  /** Initial values of a task's block, by the names under which they are kept. */
  abstract Map<String, Tensor> initialBlock(MethodContext context, RandomGenerator random);

  /** Learning rate of a task's block, as a factor of the task's. */
  double rateOfBlock(MethodContext context) {
    return 1;
  }

  /**
   * The blocks of {@code learnt} and, behind them, {@code newest}.
   *
   * @param newest the tensors of a block that is being learnt, or null
   * @throws InputException where a block does not fit the model or the options
   */
  abstract BlockBank bank(
      MethodContext context, List<LearntTask> learnt, Map<String, Tensor> newest);

  @Override
  public Set<Trait> traits() {
    return Set.of(Trait.CHOOSES_BLOCKS, Trait.REFLECTS, Trait.SEPARATE_BLOCKS);
  }

  @Override
  public OptionalLong trained(Sections sections, List<Projection> projections, long width) {
    OptionalLong block = ContinualMethod.super.trained(sections, projections, width);
    return OptionalLong.of(block.orElseThrow() + AttentionOptions.of(sections).trained(width));
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    Placement placement = context.backbone().placement();
    int width = context.backbone().width();
    try (PointerScope scope = new PointerScope()) {
      RandomGenerator random = KeyedRandom.of(context.seed(), "initial-values", task);
      Map<String, Tensor> block = initialBlock(context, random);
      Tensor key = SharedAttention.initialKey(width, random, placement);
      AttentionOptions options = AttentionOptions.of(context);
      QueryNetwork network =
          learnt.isEmpty()
              ? QueryNetwork.initial(width, options.hidden(), random, placement)
              : Selection.network(learnt);
      QueryInput input =
          learnt.isEmpty()
              ? QueryInput.first(context.backbone(), options.center())
              : QueryInput.after(learnt, context.backbone());
      return new DualAttentionLearner(
          this, context, learnt, task, block, key, input, network, replay);
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return new Frozen(this, context, learnt);
  }

  /** How messages name the block of {@code task}. */
  static String origin(LearntTask task) {
    return "block of task " + task.task();
  }

  /** The model between tasks. */
  private static final class Frozen implements Predictor {
    private final QueryInput input;
    private final BlockBank bank;
    private final SharedAttention attention;
    private final AttentionOptions options;
    private final int prefix;

    Frozen(DualAttention method, MethodContext context, List<LearntTask> learnt) {
      input = QueryInput.after(learnt, context.backbone());
      bank = method.bank(context, learnt, null);
      options = AttentionOptions.of(context);
      prefix = method.prefix(context.sections(), learnt.size());
      try (PointerScope scope = new PointerScope()) {
        Selection selection = Selection.of(learnt);
        attention =
            new SharedAttention(
                selection.network(), Scopes.keep(selection.keys()), options.temperature());
      }
    }

    @Override
    public Tensor attentionWeights(Source source) {
      return options.answering(attention.weights(input.of(source)));
    }

    @Override
    public int prefixLength() {
      return prefix;
    }

    @Override
    public Adaptation adapt(Source source, Tensor weights) {
      return bank.mix(weights);
    }

    @Override
    public void close() {
      Scopes.release(attention.keys());
      input.close();
      bank.close();
    }
  }
}
