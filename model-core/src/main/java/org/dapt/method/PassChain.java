package org.dapt.method;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Source;

/**
 * Passes over a task's inputs, one after the other.
 *
 * @param first the one that is made now, which has none behind it
 * @param others those behind it
 */
record PassChain(InputPass first, List<InputPass> others) implements InputPass {
  @Override
  public Over over() {
    return first.over();
  }

  @Override
  public int mostOfShard() {
    return first.mostOfShard();
  }

  @Override
  public int entries() {
    return first.entries();
  }

  @Override
  public Tensor of(Source source, List<Example> examples) {
    return first.of(source, examples);
  }

  @Override
  public void take(Tensor sums) {
    first.take(sums);
  }

  @Override
  public InputPass then() {
    return Passes.inTurn(others);
  }
}
