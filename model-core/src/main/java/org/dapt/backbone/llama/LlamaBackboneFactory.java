package org.dapt.backbone.llama;

import java.util.Set;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.BackboneFactory;
import org.dapt.backbone.ConfigJson;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.Placement;

/** Builds Llama models. */
public final class LlamaBackboneFactory implements BackboneFactory {
  @Override
  public Set<String> modelTypes() {
    return Set.of("llama");
  }

  @Override
  public int endToken(ConfigJson config) {
    return LlamaConfig.endTokens(config).iterator().next();
  }

  @Override
  public Backbone load(ModelFolder folder, Placement placement) {
    return LlamaBackbone.load(folder, placement);
  }
}
