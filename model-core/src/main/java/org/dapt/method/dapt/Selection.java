package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * What chooses among learnt blocks, apart from the blocks: a key for each of them, and the query
 * network that all inputs go through.
 *
 * @param keys {@code [tasks, d]}
 * @param network makes the queries
 */
public record Selection(Tensor keys, QueryNetwork network) {
  private static final String KEYS = "keys";

  /**
   * The one that {@code learnt} ends with: each task's own key, and the network as of the last.
   *
   * @throws InputException where a task was learnt by a method without
   */
  public static Selection of(List<LearntTask> learnt) {
    return new Selection(Tensors.cat(keys(learnt), 0), network(learnt));
  }

  /** Keys of learnt tasks, each {@code [1, d]}. */
  static List<Tensor> keys(List<LearntTask> learnt) {
    List<Tensor> keys = new ArrayList<>();
    for (LearntTask task : learnt) {
      Tensor key = task.attention().get(DualAttention.KEY);
      if (key == null) {
        throw foreign(task, "key");
      }
      keys.add(key.unsqueeze(0));
    }
    return keys;
  }

  /** The query network as of the last task. */
  static QueryNetwork network(List<LearntTask> learnt) {
    LearntTask last = learnt.get(learnt.size() - 1);
    if (!QueryNetwork.isIn(last.attention())) {
      throw foreign(last, "query network");
    }
    return QueryNetwork.of(last.attention());
  }

  private static InputException foreign(LearntTask task, String missing) {
    return new InputException(
        "The attention of task %s holds no %s; it was not learnt by a method of dual attention"
            .formatted(task.task(), missing));
  }

  /** The one among {@code tensors}, as {@link #tensors} names them; null where there is none. */
  public static Selection in(Map<String, Tensor> tensors) {
    return tensors.containsKey(KEYS) && QueryNetwork.isIn(tensors)
        ? new Selection(tensors.get(KEYS), QueryNetwork.of(tensors))
        : null;
  }

  /** Keys and network by name. */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(KEYS, keys);
    tensors.putAll(network.tensors());
    return tensors;
  }

  /**
   * {@code learnt} as if this had been learnt with them: the first tasks, as many as there are
   * keys, have these, and the last of them has the network.
   *
   * @param learnt at least as many tasks as there are keys
   */
  public List<LearntTask> over(List<LearntTask> learnt) {
    int tasks = (int) keys.size(0);
    List<LearntTask> all = new ArrayList<>(learnt);
    for (int i = 0; i < tasks; i++) {
      LearntTask task = learnt.get(i);
      Map<String, Tensor> attention = new LinkedHashMap<>(task.attention());
      attention.put(DualAttention.KEY, keys.select(0, i));
      if (i == tasks - 1) {
        attention.putAll(network.tensors());
      }
      all.set(i, new LearntTask(task.task(), task.block(), attention, task.meanAttention()));
    }
    return all;
  }

  /**
   * What the attention sees of inputs.
   *
   * @param learnt say what is taken off embeddings
   * @param sources token ids, none empty
   * @return {@code [sources, d]}, in the open scope
   */
  public static Tensor seen(Backbone backbone, List<LearntTask> learnt, List<int[]> sources) {
    try (NoGradGuard guard = new NoGradGuard();
        QueryInput input = QueryInput.after(learnt, backbone)) {
      return Scopes.inScope(() -> input.of(backbone.source(sources)));
    }
  }
}
