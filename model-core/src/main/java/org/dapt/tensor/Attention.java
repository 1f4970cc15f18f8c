package org.dapt.tensor;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention of queries to keys and values, {@code softmax(scale · Q Kᵀ + bias) V} head by head
 * (Vaswani et al. 2017, equation 1), where every head of the keys serves one or more of the
 * queries.
 *
 * <p>libtorch has one function for all of it, which makes no weights of its own and is the way to
 * go on GPUs. On CPUs it is not always: in bfloat16 its products are plain loops, 10 to 25 times as
 * slow as libtorch's matrix products. So there are two ways, chosen by device, type and sizes;
 * {@code docs/performance.md} has the measurements.
 *
 * @param scale of the scores
 * @param causal whether a position looks at no later one; as many queries as keys are expected then
 */
public record Attention(double scale, boolean causal) {
  /** From so many queries on, products are the faster way to have gradients in. */
  private static final long FEWEST_QUERIES = 64;

  /** Beyond so many keys, weights of attention are more memory than they save time. */
  private static final long MOST_KEYS = 512;

  /**
   * The mixed values: {@code [batch, heads, queries, size]}.
   *
   * @param queries {@code [batch, heads, queries, size]}
   * @param keys {@code [batch, keyHeads, keys, size]}, where the number of heads is a multiple of
   *     that of key heads: query head h looks at key head h · keyHeads / heads
   * @param values the same of the values
   * @param bias added to the scores, to be stretched to {@code [batch, heads, queries, keys]}, with
   *     one head where key heads are shared; or null
   */
  public Tensor apply(Tensor queries, Tensor keys, Tensor values, Tensor bias) {
    if (!fused(queries, keys, values)) {
      return apply(queries, keys, values, bias, UnaryOperator.identity());
    }
    return torch.scaled_dot_product_attention(
        queries,
        keys,
        values,
        bias == null ? new TensorOptional() : new TensorOptional(bias),
        0.0,
        causal,
        new DoubleOptional(scale),
        queries.size(1) != keys.size(1));
  }

  /**
   * The same with a change to the weights of attention, {@code [batch, keyHeads, heads / keyHeads ·
   * queries, keys]}, behind the softmax.
   */
  public Tensor apply(
      Tensor queries, Tensor keys, Tensor values, Tensor bias, UnaryOperator<Tensor> change) {
    long[] shape = Tensors.shape(queries);
    long keyHeads = keys.size(1);
    long shared = shape[1] / keyHeads;
    return Scopes.inScope(
        () -> {
          Tensor scaled = scale == 1 ? queries : queries.mul(new Scalar(scale));
          // Queries of heads that share a key head are rows of one product.
          Tensor scores =
              scaled
                  .reshape(shape[0], keyHeads, shared * shape[2], shape[3])
                  .matmul(keys.transpose(2, 3));
          if (causal) {
            scores = scores.add_(later(scores, shape[2]).repeat(shared, 1));
          }
          if (bias != null) {
            scores = scores.add_(bias);
          }
          return change.apply(scores.softmax(-1)).matmul(values).view(shape);
        });
  }

  /** −∞ where a key comes later than the query, else 0: {@code [length, length]}. */
  private static Tensor later(Tensor like, long length) {
    return like.new_full(new long[] {length, length}, new Scalar(Double.NEGATIVE_INFINITY))
        .triu_(1);
  }

  /**
   * Whether weights of attention, {@code [heads, queries, keys]} for each example, stay for the way
   * back where the processor computes and gradients are needed.
   *
   * @param type of queries, keys and values
   */
  public static boolean keepsWeights(ScalarType type, long queries, long keys) {
    return type == ScalarType.BFloat16 || (queries >= FEWEST_QUERIES && keys <= MOST_KEYS);
  }

  private static boolean fused(Tensor queries, Tensor keys, Tensor values) {
    if (!queries.is_cpu()) {
      return true;
    }
    boolean learns =
        GradMode.is_enabled()
            && (queries.requires_grad() || keys.requires_grad() || values.requires_grad());
    ScalarType type = queries.scalar_type().intern();
    if (learns) {
      return !keepsWeights(type, queries.size(2), keys.size(2));
    }
    if (type == ScalarType.BFloat16) {
      return queries.size(2) > 1 && Processor.THIS.hasTiles();
    }
    return queries.size(2) > 1 || queries.size(1) == keys.size(1);
  }
}
