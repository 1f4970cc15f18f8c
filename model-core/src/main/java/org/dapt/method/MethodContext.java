package org.dapt.method;

import java.util.List;
import java.util.function.Function;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Projection;

/**
 * What a method works with.
 *
 * @param sections the settings
 * @param seed of the run
 * @param tasks how many tasks the run is to learn, as far as it is known; 0 where it is not
 */
public record MethodContext(Backbone backbone, Sections sections, long seed, int tasks) {
  /** Where nobody knows how many tasks there will be, or nothing is learnt. */
  public MethodContext(Backbone backbone, Sections sections, long seed) {
    this(backbone, sections, seed, 0);
  }

  /**
   * The projections that LoRA blocks adapt.
   *
   * @throws org.dapt.error.ConfigException where {@code lora.targets} names one that the model does
   *     not have
   */
  public List<Projection> adapted() {
    return sections.adapted(backbone.projections());
  }

  /**
   * The options of the method alone.
   *
   * @param read makes something of them; what it does not ask for is refused
   * @throws org.dapt.error.ConfigException where an option is missing, wrong or unknown
   */
  public <T> T own(Function<OptionReader, T> read) {
    return sections.own(read);
  }

  /**
   * Settings that several methods share.
   *
   * @param section {@code lora}, {@code prompt}, {@code attention} or {@code reflection}
   * @param read makes something of them; it need not ask for all of them
   * @throws org.dapt.error.ConfigException where a setting is missing or wrong
   */
  public <T> T shared(String section, Function<OptionReader, T> read) {
    return sections.shared(section, read);
  }
}
