package org.dapt.method.l2p;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.Tensors;

/**
 * Which prompts the inputs of a task's dev split choose once it is learnt: whether tasks have
 * prompts of their own, or share them, or all inputs have the same ones.
 */
final class ChoiceCount implements InputPass {
  private final Backbone backbone;
  private final PromptPool pool;
  private final L2p.Options options;
  private double[] shares = {};

  ChoiceCount(Backbone backbone, PromptPool pool, L2p.Options options) {
    this.backbone = backbone;
    this.pool = pool;
    this.options = options;
  }

  /** The share of the inputs that chose each prompt; empty before the pass. */
  double[] shares() {
    return shares;
  }

  @Override
  public Over over() {
    return Over.DEV;
  }

  /** How many inputs chose each prompt, and how many there are. */
  @Override
  public int entries() {
    return options.pool() + 1;
  }

  @Override
  public Tensor of(Source source, List<Example> examples) {
    Tensor similarity = pool.similarity(backbone.meanState(source));
    Tensor counts = pool.counts(PromptPool.chosen(similarity, options.top()));
    Tensor inputs = torch.full_like(counts.narrow(0, 0, 1), new Scalar((double) examples.size()));
    return Tensors.cat(List.of(counts, inputs), 0);
  }

  @Override
  public void take(Tensor sums) {
    double[] counts = Tensors.toDoubles(sums);
    double inputs = counts[options.pool()];
    shares = Arrays.stream(counts).limit(options.pool()).map(count -> count / inputs).toArray();
  }
}
