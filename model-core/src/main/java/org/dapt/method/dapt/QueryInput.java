package org.dapt.method.dapt;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.method.LearntTask;

/**
 * What the attention sees of an input. It depends on frozen tensors only, so it may be computed
 * once and kept.
 *
 * @param centering what is taken off pooled embeddings; null for nothing, as in the paper
 */
record QueryInput(Backbone backbone, Centering centering) implements AutoCloseable {
  /**
   * As the last of {@code learnt} has it. Its tensors outlive the caller's scope, until {@link
   * #close}.
   */
  static QueryInput after(List<LearntTask> learnt, Backbone backbone) {
    Centering centering = Centering.of(learnt.get(learnt.size() - 1).attention());
    return new QueryInput(backbone, centering == null ? null : centering.keep());
  }

  /**
   * For a first task. Its tensors outlive the caller's scope, until {@link #close}.
   *
   * @param centered whether something is taken off
   */
  static QueryInput first(Backbone backbone, boolean centered) {
    return new QueryInput(backbone, centered ? Centering.ofRandomTexts(backbone).keep() : null);
  }

  /** What is seen of {@code source}: {@code [batch, d]}, in the type of what is learnt. */
  Tensor of(Source source) {
    Tensor pooled = pool(backbone, source);
    return centering == null ? pooled : centering.apply(pooled);
  }

  /**
   * The element-wise maximum over the embeddings of an input's real tokens, padding excluded,
   * before any layer.
   *
   * @return {@code [batch, d]}, in the type of what is learnt
   */
  static Tensor pool(Backbone backbone, Source source) {
    Tensor embedded = backbone.embed(source.ids());
    if (source.padding() != null) {
      embedded =
          embedded.masked_fill(source.padding().unsqueeze(2), new Scalar(Double.NEGATIVE_INFINITY));
    }
    return embedded.amax(new long[] {1}, false).to(backbone.type().learnt());
  }

  /** Copies of its own tensors, by name; they belong to the caller's scope. */
  Map<String, Tensor> copies() {
    return centering == null ? Map.of() : centering.copies();
  }

  @Override
  public void close() {
    if (centering != null) {
      centering.release();
    }
  }
}
