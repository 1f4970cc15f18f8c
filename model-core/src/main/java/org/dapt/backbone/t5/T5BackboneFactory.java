package org.dapt.backbone.t5;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.BackboneFactory;
import org.dapt.backbone.ConfigJson;
import org.dapt.backbone.Projection;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.Placement;
import org.dapt.tokenizer.TokenRules;

/** Builds T5 models. */
public final class T5BackboneFactory implements BackboneFactory {
  @Override
  public Set<String> modelTypes() {
    return Set.of("t5", "mt5");
  }

  @Override
  public TokenRules tokenRules(ConfigJson config) {
    // Positions count by their distance alone, without a bound: n_positions is what it was trained
    // on.
    return new TokenRules(
        List.copyOf(T5Config.endTokens(config)), true, config.positive("vocab_size"), 0);
  }

  @Override
  public boolean dropsOut() {
    return true;
  }

  @Override
  public void check(ModelFolder folder) {
    T5Backbone.check(folder);
  }

  @Override
  public List<Projection> projections(ModelFolder folder) {
    return T5Backbone.unread(folder).projections();
  }

  @Override
  public SortedMap<String, long[]> shapes(ModelFolder folder) {
    return T5Backbone.shapes(folder);
  }

  @Override
  public Backbone load(ModelFolder folder, Placement placement) {
    return T5Backbone.load(folder, placement);
  }
}
