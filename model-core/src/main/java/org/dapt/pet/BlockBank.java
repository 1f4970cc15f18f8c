package org.dapt.pet;

import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;

/** All blocks of a stream, mixed per example. Closing it frees what it holds besides the blocks. */
public interface BlockBank extends AutoCloseable {
  /**
   * The bank mixed with {@code weights}.
   *
   * @param weights {@code [batch, blocks]}, the oldest block first
   */
  Adaptation mix(Tensor weights);

  @Override
  void close();
}
