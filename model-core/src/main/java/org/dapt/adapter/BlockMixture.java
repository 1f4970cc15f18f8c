package org.dapt.adapter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.InputException;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraScale;
import org.dapt.tensor.Tensors;

/**
 * The mixture of several blocks for one input as a single block: {@code Σᵢ wᵢ sᵢ Bᵢ Aᵢ} is the
 * product of all Bᵢ, scaled, side by side and all Aᵢ one below the other, a LoRA block of rank
 * {@code Σᵢ rᵢ}; a mixture of prompts is a prompt.
 *
 * @param block tensors by dapt's names
 * @param scale that of {@code block}, 1 where a module has as large a rank as any; without meaning
 *     for prompts
 */
public record BlockMixture(Map<String, Tensor> block, LoraScale scale) {
  /**
   * Mixes {@code blocks}, which have the same modules.
   *
   * @param kind what they consist of
   * @param weights one for each block
   * @param own the scale of {@code blocks}
   * @throws InputException if they are of a kind that cannot be mixed
   */
  public static BlockMixture of(
      BlockKind kind, List<Map<String, Tensor>> blocks, double[] weights, LoraScale own) {
    if (kind == BlockKind.OTHER) {
      throw new InputException(
          "The blocks are of a kind of their method's own: only LoRA matrices and soft prompts can"
              + " be mixed into one.");
    }
    Map<String, Tensor> mixed = new TreeMap<>();
    long rank = 1;
    for (String name : blocks.get(0).keySet()) {
      List<Tensor> parts = new ArrayList<>();
      for (int i = 0; i < weights.length; i++) {
        Tensor part = blocks.get(i).get(name);
        double scale =
            name.endsWith(PeftAdapters.A)
                ? 1
                : name.endsWith(PeftAdapters.B)
                    ? weights[i] * own.of((double) part.size(1))
                    : weights[i];
        parts.add(scale == 1 ? part : part.mul(new Scalar(scale)));
      }
      if (name.endsWith(PeftAdapters.A)) {
        mixed.put(name, Tensors.cat(parts, 0));
        rank = Math.max(rank, mixed.get(name).size(0));
      } else if (name.endsWith(PeftAdapters.B)) {
        mixed.put(name, Tensors.cat(parts, 1));
      } else {
        mixed.put(name, parts.stream().reduce(Tensor::add).orElseThrow());
      }
    }
    // With α = the largest rank, matrices of a smaller one would be scaled by more than 1.
    double largest = rank;
    mixed.replaceAll(
        (name, tensor) ->
            name.endsWith(PeftAdapters.B) && tensor.size(1) != largest
                ? tensor.mul(new Scalar(tensor.size(1) / largest))
                : tensor);
    return new BlockMixture(mixed, new LoraScale(largest, false));
  }
}
