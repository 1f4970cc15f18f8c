package org.dapt.method.gainlora;

import java.util.List;
import org.dapt.method.OptionReader;
import org.dapt.method.inflora.InfLoraOptions;
import org.dapt.method.olora.OLoraOptions;
import org.dapt.method.subspace.Retention;

/**
 * The section {@code method.options}, with the defaults of the published code.
 *
 * @param designs whether blocks are those of InfLoRA, or of O-LoRA
 * @param cosine whether a gate looks at the angle, as in the published code, or at the product, as
 *     in the paper
 * @param fitted whether a new G₃ points where its task's inputs have most outside of the earlier
 *     ones', as in the published code, or somewhere outside of them
 * @param hidden width of a gate's first layer
 * @param retention how much of a task's inputs later gates leave alone
 * @param infLora the options of InfLoRA; its spectrum is that of the gates, too
 * @param oLora the options of O-LoRA
 */
record GainLoraOptions(
    boolean designs,
    boolean cosine,
    boolean fitted,
    int hidden,
    Retention retention,
    InfLoraOptions infLora,
    OLoraOptions oLora) {
  static GainLoraOptions read(OptionReader in) {
    return new GainLoraOptions(
        in.choice("base", List.of("inf-lora", "o-lora"), "inf-lora").equals("inf-lora"),
        in.choice("gate", List.of("cosine", "linear"), "cosine").equals("cosine"),
        in.choice("birth", List.of("fitted", "random"), "fitted").equals("fitted"),
        in.wholeNumber("hidden", 1, 100),
        Retention.read(in, "gate-epsilon"),
        InfLoraOptions.read(in),
        OLoraOptions.read(in));
  }
}
