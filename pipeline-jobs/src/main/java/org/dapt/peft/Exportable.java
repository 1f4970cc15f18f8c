package org.dapt.peft;

import org.dapt.error.ConfigException;
import org.dapt.method.ContinualMethod;
import org.dapt.method.Trait;

/** Which methods leave something that one adapter stands for. */
final class Exportable {
  private Exportable() {}

  /**
   * Refuses a method whose blocks mean nothing without the model's choice.
   *
   * @throws ConfigException if every layer chooses for itself
   */
  static void requireBlocks(ContinualMethod method) {
    if (method.has(Trait.CHOOSES_BY_LAYER)) {
      throw new ConfigException(
          "The method %s chooses blocks anew in every layer of the model, by what an input is there: no adapter of PEFT holds that, neither one block nor a mixture. Use dapt predict for answers."
              .formatted(method.name()));
    }
  }

  /**
   * Refuses a method without a mixture for an input.
   *
   * @param input the input; null for none, which is enough where all blocks are added
   * @throws ConfigException if it does not mix, or not alike in all layers
   */
  static void requireMixture(ContinualMethod method, String input) {
    if (method.has(Trait.ADDS_BLOCKS)) {
      return;
    }
    if (!method.has(Trait.CHOOSES_BLOCKS)) {
      throw new ConfigException(
          "The method %s does not mix blocks by the input, so there is no mixture to write. Use dapt export --task for the block of one task."
              .formatted(method.name()));
    }
    requireBlocks(method);
    if (input == null) {
      throw new ConfigException(
          "The method %s mixes its blocks anew for every input, and none is given. Give --input TEXT."
              .formatted(method.name()));
    }
  }
}
