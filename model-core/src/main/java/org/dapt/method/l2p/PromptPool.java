package org.dapt.method.l2p;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.prompt.PromptOptions;
import org.dapt.tensor.Tensors;

/**
 * A pool of soft prompts with a key for each.
 *
 * @param prompts {@code [M, L, d]}
 * @param keys {@code [M, d]}
 */
record PromptPool(Tensor prompts, Tensor keys) {
  /** The name of the prompts. */
  static final String PROMPTS = "pool.prompts";

  /** The name of the keys. */
  static final String KEYS = "pool.keys";

  /** Vectors that are shorter count as this long. */
  private static final double LEAST_NORM = 1e-6;

  /**
   * Initial values: prompts of embeddings of tokens drawn from the vocabulary; keys uniform in ±1,
   * for keys of zeros would all be equally similar to everything.
   *
   * @param size M
   */
  static PromptPool initial(MethodContext context, int size, RandomGenerator random) {
    List<Tensor> prompts =
        Stream.generate(() -> PromptOptions.initial(context, random).prompt().unsqueeze(0))
            .limit(size)
            .toList();
    Backbone backbone = context.backbone();
    return new PromptPool(
        Tensors.cat(prompts, 0), backbone.placement().uniform(1, random, size, backbone.width()));
  }

  /** The pool made of {@code tensors}; others among them are left alone. */
  static PromptPool of(Map<String, Tensor> tensors) {
    return new PromptPool(tensors.get(PROMPTS), tensors.get(KEYS));
  }

  /**
   * The pool as it was after {@code task}.
   *
   * @throws InputException if it holds none, or one of another shape
   */
  static PromptPool of(MethodContext context, LearntTask task) {
    Tensor prompts = task.block().get(PROMPTS);
    Tensor keys = task.attention().get(KEYS);
    long size = context.own(L2p.Options::read).pool();
    long width = context.backbone().width();
    long[] ofPrompts = {size, PromptOptions.of(context).length(), width};
    long[] ofKeys = {size, width};
    if (!hasShape(prompts, ofPrompts) || !hasShape(keys, ofKeys)) {
      throw new InputException(
          "What was learnt of task %s is no pool for l2p: its %s have the shape %s, expected %s, and its %s %s, expected %s. It was learnt by another method, or with another base model, prompt.length or method.options.pool"
              .formatted(
                  task.task(),
                  PROMPTS,
                  shown(prompts),
                  Arrays.toString(ofPrompts),
                  KEYS,
                  shown(keys),
                  Arrays.toString(ofKeys)));
    }
    return new PromptPool(prompts, keys);
  }

  private static boolean hasShape(Tensor tensor, long[] shape) {
    return tensor != null && Arrays.equals(Tensors.shape(tensor), shape);
  }

  private static String shown(Tensor tensor) {
    return tensor == null ? "none" : Arrays.toString(Tensors.shape(tensor));
  }

  /** Its tensors by name. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(PROMPTS, prompts);
    tensors.put(KEYS, keys);
    return tensors;
  }

  /**
   * The cosines of queries and keys: {@code [batch, d] → [batch, M]}, with gradients of the keys.
   */
  Tensor similarity(Tensor queries) {
    return normed(queries.detach().to(keys.scalar_type())).matmul(normed(keys).t());
  }

  private static Tensor normed(Tensor rows) {
    Tensor norm =
        torch.linalg_vector_norm(
            rows, new Scalar(2.0), new long[] {1}, true, new ScalarTypeOptional());
    return rows.div(norm.clamp_min(new Scalar(LEAST_NORM)));
  }

  /**
   * The prompts of the largest similarities, the most similar first, each example for itself; of
   * equally similar ones the first of the pool. {@code [batch, M] → int64 [batch, top]}.
   */
  static Tensor chosen(Tensor similarity, int top) {
    return similarity.detach().argsort(true, 1, true).narrow(1, 0, top);
  }

  /**
   * Of which prompt each row of the choice is: 1 there and 0 elsewhere, {@code [batch, top, M]}.
   */
  private Tensor members(Tensor chosen) {
    return torch.one_hot(chosen, keys.size(0)).to(prompts.scalar_type());
  }

  /**
   * The chosen prompts in their order, {@code [batch, top · L, d]}. It is a product, whose gradient
   * is the same in every run, on accelerators too; each entry of it is one entry of a prompt.
   */
  Tensor prefix(Tensor chosen) {
    return members(chosen)
        .matmul(prompts.reshape(prompts.size(0), -1))
        .reshape(chosen.size(0), chosen.size(1) * prompts.size(1), prompts.size(2));
  }

  /** The chosen similarities, added up over the examples. */
  static Tensor pull(Tensor similarity, Tensor chosen) {
    return similarity.gather(1, chosen).sum();
  }

  /** How many examples chose each prompt, {@code [M]} in float64. */
  Tensor counts(Tensor chosen) {
    return members(chosen).to(ScalarType.Double).sum(0, 1);
  }
}
