package org.dapt.backbone.t5;

import java.util.Set;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.BackboneFactory;
import org.dapt.backbone.ConfigJson;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.Placement;

/** Builds T5 models. */
public final class T5BackboneFactory implements BackboneFactory {
  @Override
  public Set<String> modelTypes() {
    return Set.of("t5", "mt5");
  }

  @Override
  public int endToken(ConfigJson config) {
    return T5Config.endTokens(config).iterator().next();
  }

  @Override
  public Backbone load(ModelFolder folder, Placement placement) {
    return T5Backbone.load(folder, placement);
  }
}
