package org.dapt.pet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.InputException;
import org.dapt.tensor.Tensors;

/** Prompts of tasks one behind the other, the newest first: {@code [P_k; P_(k-1); …; P_1]}. */
public final class PromptChain {
  private PromptChain() {}

  /**
   * The chain of {@code prompts}.
   *
   * @param prompts the oldest first, each {@code [L, d]}; at least one
   * @return {@code [prompts · L, d]}
   */
  public static Tensor of(List<Tensor> prompts) {
    List<Tensor> newestFirst = new ArrayList<>(prompts);
    Collections.reverse(newestFirst);
    return Tensors.cat(newestFirst, 0);
  }

  /**
   * The prompt at the beginning of {@code chain}.
   *
   * @param chain {@code [(older + 1) · L, d]}
   * @param older the prompts that must stand behind it, the oldest first; there may be none
   * @param origin where the chain was read from, for the message
   * @throws InputException where others stand there
   */
  public static Tensor newest(Tensor chain, List<Tensor> older, String origin) {
    long length = chain.size(0) / (older.size() + 1);
    if (!older.isEmpty() && !chain.narrow(0, length, chain.size(0) - length).equal(of(older))) {
      throw new InputException(
          "%s: the prompt of its task stands in front of other prompts than those of the %d tasks that this run has learnt before, and means nothing without them. Import the adapters of a run in its order, or learn the task in this run."
              .formatted(origin, older.size()));
    }
    return chain.narrow(0, 0, length).contiguous();
  }
}
