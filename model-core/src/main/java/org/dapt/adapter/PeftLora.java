package org.dapt.adapter;

import org.dapt.pet.LoraScale;
import org.dapt.pet.LoraStart;
import org.dapt.pet.LoraTargets;

/**
 * What PEFT's configuration says of LoRA blocks besides their matrices.
 *
 * @param scale of the products
 * @param targets which layers the blocks adapt
 * @param start what a block began with
 * @param dropout of what it saw in training
 */
public record PeftLora(LoraScale scale, LoraTargets targets, LoraStart start, double dropout) {
  /** The same for blocks that were not trained as they are. */
  public PeftLora with(LoraScale other) {
    return new PeftLora(other, targets, LoraStart.KAIMING, 0);
  }
}
