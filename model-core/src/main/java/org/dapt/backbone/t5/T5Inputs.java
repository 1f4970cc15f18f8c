package org.dapt.backbone.t5;

import org.dapt.backbone.LayerInput;
import org.dapt.backbone.LayerInput.Positions;
import org.dapt.backbone.Projection;

/** Which layers of T5 share an input. */
final class T5Inputs {
  private T5Inputs() {}

  /**
   * What goes into {@code projection}: keys and values of all cross-attentions read the encoder's
   * output.
   */
  static LayerInput of(Projection projection) {
    String name = projection.name();
    String module = name.substring(0, name.lastIndexOf('.'));
    Positions positions = name.startsWith("encoder.") ? Positions.SOURCE : Positions.TARGET;
    return switch (projection.role()) {
      case "o", "wo" -> new LayerInput(name, positions);
      case "k", "v" ->
          module.endsWith(".EncDecAttention")
              ? new LayerInput("encoder", Positions.SOURCE)
              : new LayerInput(module, positions);
      default -> new LayerInput(module, positions);
    };
  }
}
