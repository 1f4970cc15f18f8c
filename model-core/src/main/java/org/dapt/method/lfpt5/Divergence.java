package org.dapt.method.lfpt5;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Source;
import org.dapt.method.BatchTerm;
import org.dapt.method.Example;
import org.dapt.pet.PromptBank;
import org.dapt.tensor.Placement;

/**
 * How far answers to generated examples have gone from those of the prompt before the task: {@code
 * Σ p_old (log p_old - log p_new)} over target positions and vocabulary, without a gradient of the
 * old ones.
 *
 * @param previous the prompt as it was before the task; null for a first task
 */
record Divergence(Backbone backbone, PromptBank previous) {
  /** Target positions of generated examples; none where there was no prompt. */
  long count(List<Example> examples) {
    return previous == null
        ? 0
        : examples.stream().filter(Example::earlier).mapToLong(e -> e.target().length).sum();
  }

  /** The sum over these positions: a scalar. */
  Tensor sum(BatchTerm.Forward forward) {
    Placement placement = backbone.placement();
    List<Example> generated = forward.examples().stream().filter(Example::earlier).toList();
    Tensor current = forward.logits().index_select(0, placement.indices(rows(forward.examples())));
    return each(before(generated), current.to(placement.learnt())).sum();
  }

  /**
   * The divergence at each position: {@code [n, vocabulary]} each gives {@code [n]}.
   *
   * @param previous logits without gradients
   */
  static Tensor each(Tensor previous, Tensor current) {
    Tensor before = previous.log_softmax(-1);
    return before.exp().mul(before.sub(current.log_softmax(-1))).sum(-1);
  }

  private Tensor before(List<Example> examples) {
    try (NoGradGuard guard = new NoGradGuard()) {
      Placement placement = backbone.placement();
      Source source = backbone.source(examples.stream().map(Example::source).toList());
      Adaptation adaptation = previous.mix(placement.ones(placement.learnt(), source.size(), 1));
      Batch batch = new Batch(source, examples.stream().map(Example::target).toList());
      return backbone.targetLogits(batch, adaptation).to(placement.learnt());
    }
  }

  /** Where the logits of generated examples are. */
  private static long[] rows(List<Example> examples) {
    List<Long> rows = new ArrayList<>();
    long first = 0;
    for (Example example : examples) {
      for (long row = first; example.earlier() && row < first + example.target().length; row++) {
        rows.add(row);
      }
      first += example.target().length;
    }
    return rows.stream().mapToLong(Long::longValue).toArray();
  }
}
