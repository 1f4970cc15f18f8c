package org.dapt.method;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.attention.QueryInput;
import org.dapt.attention.QueryNetwork;
import org.dapt.attention.SharedAttention;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.error.InputException;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * DAPT with LoRA blocks (arXiv 2401.08295): a task's block is learnt within the mixture of all
 * blocks, the shared attention that weighs them chooses them for inputs of unknown task, and
 * reflection keeps the attention of earlier tasks where it was. The newest block and key and the
 * query network learn; everything older is frozen.
 */
public final class DaptLora implements ContinualMethod {
  private static final String KEY = "key";

  @Override
  public String name() {
    return "dapt-lora";
  }

  @Override
  public Learner begin(
      MethodContext context, List<LearntTask> learnt, String task, List<Replay> replay) {
    ScalarType type = context.backbone().type().learnt();
    int width = context.backbone().width();
    try (PointerScope scope = new PointerScope()) {
      RandomGenerator random = KeyedRandom.of(context.seed(), "initial-values", task);
      LoraBlock block =
          LoraBlock.initial(context.adapted(), context.options().rank(), random, type);
      Tensor key = SharedAttention.initialKey(width, random, type);
      QueryNetwork network =
          learnt.isEmpty()
              ? QueryNetwork.initial(width, context.options().queryHidden(), random, type)
              : network(learnt);
      return new DaptLoraLearner(context, learnt, task, block, key, network, replay);
    }
  }

  @Override
  public Predictor restore(MethodContext context, List<LearntTask> learnt, String evaluated) {
    return new Frozen(context, learnt);
  }

  /** The query network as of the last task. */
  private static QueryNetwork network(List<LearntTask> learnt) {
    LearntTask last = learnt.get(learnt.size() - 1);
    if (!QueryNetwork.isIn(last.attention())) {
      throw new InputException(
          "The attention of task "
              + last.task()
              + " holds no query network; it was not learnt by dapt-lora");
    }
    return QueryNetwork.of(last.attention());
  }

  static List<LoraBlock> blocks(MethodContext context, List<LearntTask> learnt) {
    List<LoraBlock> blocks = new ArrayList<>();
    for (LearntTask task : learnt) {
      LoraBlock block = LoraBlock.of(task.block());
      block.check(context.adapted(), "block of task " + task.task());
      blocks.add(block);
    }
    return blocks;
  }

  /** Keys of learnt tasks, each {@code [1, d]}. */
  static List<Tensor> keys(List<LearntTask> learnt) {
    List<Tensor> keys = new ArrayList<>();
    for (LearntTask task : learnt) {
      Tensor key = task.attention().get(KEY);
      if (key == null) {
        throw new InputException(
            "The attention of task "
                + task.task()
                + " holds no key; it was not learnt by dapt-lora");
      }
      keys.add(key.unsqueeze(0));
    }
    return keys;
  }

  /** The model between tasks. */
  private static final class Frozen implements Predictor {
    private final MethodContext context;
    private final LoraBank bank;
    private final SharedAttention attention;

    Frozen(MethodContext context, List<LearntTask> learnt) {
      this.context = context;
      try (PointerScope scope = new PointerScope()) {
        Tensor keys = Scopes.keep(Tensors.cat(keys(learnt), 0));
        attention = new SharedAttention(network(learnt), keys, context.options().temperature());
      }
      bank =
          new LoraBank(
              context.backbone().type(),
              context.adapted(),
              blocks(context, learnt),
              null,
              context.options().alpha());
    }

    @Override
    public Tensor mixture(Source source) {
      return attention.weights(QueryInput.pool(context.backbone(), source));
    }

    @Override
    public Adaptation adapt(Source source, Tensor mixture) {
      return bank.mix(mixture);
    }

    @Override
    public void close() {
      Scopes.release(attention.keys());
      bank.close();
    }
  }
}
