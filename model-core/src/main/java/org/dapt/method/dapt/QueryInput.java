package org.dapt.method.dapt;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;

/** What the attention sees of an input. */
public final class QueryInput {
  private QueryInput() {}

  /**
   * The element-wise maximum over the embeddings of an input's real tokens, padding excluded,
   * before any layer. It depends on frozen weights only, so it may be computed once and kept.
   *
   * @return {@code [batch, d]}, in the type of what is learnt
   */
  public static Tensor pool(Backbone backbone, Source source) {
    Tensor embedded = backbone.embed(source.ids());
    if (source.padding() != null) {
      embedded =
          embedded.masked_fill(source.padding().unsqueeze(2), new Scalar(Double.NEGATIVE_INFINITY));
    }
    return embedded.amax(new long[] {1}, false).to(backbone.type().learnt());
  }
}
