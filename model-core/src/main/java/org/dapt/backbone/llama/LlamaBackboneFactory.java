package org.dapt.backbone.llama;

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

/** Builds Llama models. */
public final class LlamaBackboneFactory implements BackboneFactory {
  @Override
  public Set<String> modelTypes() {
    return Set.of("llama");
  }

  @Override
  public TokenRules tokenRules(ConfigJson config) {
    return new TokenRules(
        List.copyOf(LlamaConfig.endTokens(config)),
        false,
        config.positive("vocab_size"),
        config.count("max_position_embeddings", 0));
  }

  @Override
  public TokenRules tokenRules(ConfigJson config, ConfigJson generation) {
    return tokenRules(config).endingTurns(LlamaConfig.turnEnds(generation));
  }

  @Override
  public void check(ModelFolder folder) {
    LlamaBackbone.check(folder);
  }

  @Override
  public List<Projection> projections(ModelFolder folder) {
    return LlamaBackbone.unread(folder).projections();
  }

  @Override
  public SortedMap<String, long[]> shapes(ModelFolder folder) {
    return LlamaBackbone.shapes(folder);
  }

  @Override
  public Backbone load(ModelFolder folder, Placement placement) {
    return LlamaBackbone.load(folder, placement);
  }
}
