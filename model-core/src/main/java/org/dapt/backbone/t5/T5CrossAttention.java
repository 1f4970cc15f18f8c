package org.dapt.backbone.t5;

import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Adaptation.Effect;
import org.dapt.backbone.KeysAndValues;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.LayerDropout.Positions;

/**
 * Attention of the decoder to the encoder's output E, whose products can be grouped in two ways.
 *
 * <p>Of head h with query q, {@code q (E W_kᵀ)ᵀ = (q W_k) Eᵀ} and {@code P (E W_vᵀ) = (P E) W_vᵀ}.
 * The left sides make keys and values of every source position, which pays off where many positions
 * attend to them. The right sides never do, which is far cheaper where answers are a few tokens
 * long.
 */
record T5CrossAttention(T5Attention attention) {
  /** Keys and values of {@code encoded}, the same at every position of the answer. */
  KeysAndValues memory(Tensor encoded, Adaptation adaptation) {
    return new KeysAndValues(
        attention.keys(encoded, adaptation), attention.values(encoded, adaptation));
  }

  /**
   * Whether regrouped products are clearly cheaper for {@code queries} positions of an answer, and
   * possible under {@code adaptation}.
   *
   * @param states positions of the source
   */
  boolean cheaperRegrouped(long queries, long states, Adaptation adaptation) {
    if (adaptation.effect(attention.key().name()) != Effect.NONE
        || adaptation.effect(attention.value().name()) == Effect.ANY) {
      return false;
    }
    // Multiplications of one head, over d: queries · (headSize + states) against states · headSize.
    // Twice as many are the bound, because the many small products are slower than one large.
    return 2 * queries * (attention.headSize() + states) <= states * attention.headSize();
  }

  /**
   * Attention of the positions of {@code x} to keys and values made before.
   *
   * @param mask {@code [batch, 1, 1, states]}, or null
   * @return {@code [batch, queries, d]}
   */
  Tensor attend(Tensor x, KeysAndValues memory, Tensor mask, Adaptation adaptation) {
    return attention.attend(
        x, memory.keys(), memory.values(), mask, Positions.TARGET, Positions.SOURCE, adaptation);
  }

  /**
   * The same with regrouped products.
   *
   * @param encoded E, {@code [batch, states, d]}
   */
  Tensor attend(Tensor x, Tensor encoded, Tensor mask, Adaptation adaptation) {
    long batch = x.size(0);
    long queries = x.size(1);
    long heads = attention.heads();
    long d = encoded.size(2);
    Tensor projected = attention.query().apply(x, adaptation);
    Tensor byHead =
        projected
            .view(batch * queries, heads, attention.headSize())
            .transpose(0, 1)
            .bmm(keyHeads());
    Tensor asked = byExample(byHead, batch, queries);
    Tensor scores = asked.bmm(encoded.transpose(1, 2));
    if (mask != null) {
      scores = scores.add(mask.squeeze(1));
    }
    Tensor weights = scores.softmax(-1);
    LayerDropout dropout = adaptation.dropout();
    if (dropout != null) {
      Tensor perHead = weights.view(batch, heads, queries, encoded.size(1));
      weights =
          dropout
              .weights(perHead, Positions.TARGET, Positions.SOURCE)
              .view(batch, heads * queries, encoded.size(1));
    }
    // [batch, heads · queries, d]
    Tensor seen = weights.bmm(encoded);
    Tensor values =
        seen.view(batch, heads, queries, d)
            .transpose(0, 1)
            .reshape(heads, batch * queries, d)
            .bmm(valueHeads().transpose(1, 2))
            .view(heads, batch, queries, attention.headSize())
            .permute(1, 2, 0, 3);
    if (adaptation.effect(attention.value().name()) == Effect.LINEAR) {
      values = values.add(change(seen, queries, adaptation));
    }
    return attention.merge(values, adaptation);
  }

  /**
   * What the adaptation adds to the mixed values, {@code [batch, queries, heads, headSize]}: of
   * each head's states only that head's components.
   */
  private Tensor change(Tensor seen, long queries, Adaptation adaptation) {
    long batch = seen.size(0);
    long heads = attention.heads();
    Tensor none = seen.new_zeros(batch, heads * queries, attention.width());
    return adaptation
        .adapt(attention.value().name(), seen, none)
        .view(batch, heads, queries, heads, attention.headSize())
        .diagonal(0, 1, 3)
        .permute(0, 1, 3, 2);
  }

  /** {@code [heads, batch · queries, d] → [batch, heads · queries, d]}. */
  private Tensor byExample(Tensor byHead, long batch, long queries) {
    return byHead
        .view(attention.heads(), batch, queries, byHead.size(2))
        .transpose(0, 1)
        .reshape(batch, attention.heads() * queries, byHead.size(2));
  }

  private Tensor keyHeads() {
    return byHead(attention.key().weight());
  }

  private Tensor valueHeads() {
    return byHead(attention.value().weight());
  }

  /** {@code [heads · headSize, d] → [heads, headSize, d]}. */
  private Tensor byHead(Tensor weight) {
    return weight.view(attention.heads(), attention.headSize(), weight.size(1));
  }
}
