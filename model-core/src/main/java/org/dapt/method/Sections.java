package org.dapt.method;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.dapt.backbone.Projection;
import org.dapt.pet.LoraTargets;

/**
 * Sections of a configuration, as far as methods read them: {@code lora}, {@code prompt}, {@code
 * attention}, {@code reflection} and, for the options that one method has of its own, {@code
 * method.options}. They can be sent to other processes.
 */
public final class Sections implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The section of the method's own options. */
  public static final String OWN = "method.options";

  private final TreeMap<String, TreeMap<String, Object>> sections = new TreeMap<>();

  /**
   * Sections with {@code values}.
   *
   * @param values texts, numbers, truth values and lists of texts by key: {@code lora.r}, {@code
   *     method.options.keys}
   */
  public static Sections of(Map<String, ?> values) {
    Sections sections = new Sections();
    values.forEach(sections::put);
    return sections;
  }

  /** These sections, with {@code value} at {@code key}. */
  public Sections with(String key, Object value) {
    Sections more = new Sections();
    sections.forEach((name, values) -> more.sections.put(name, new TreeMap<>(values)));
    more.put(key, value);
    return more;
  }

  /**
   * The options of the method alone.
   *
   * @param read makes something of them; what it does not ask for is refused
   * @throws org.dapt.error.ConfigException where an option is missing, wrong or unknown
   */
  public <T> T own(Function<OptionReader, T> read) {
    return OptionReader.read(OWN, get(OWN), read);
  }

  /**
   * Settings that several methods share.
   *
   * @param section {@code lora}, {@code prompt}, {@code attention} or {@code reflection}
   * @param read makes something of them; it need not ask for all of them
   * @throws org.dapt.error.ConfigException where a setting is missing or wrong
   */
  public <T> T shared(String section, Function<OptionReader, T> read) {
    return OptionReader.readSome(section, get(section), read);
  }

  /**
   * Those of {@code projections} that LoRA blocks adapt.
   *
   * @throws org.dapt.error.ConfigException where {@code lora.targets} names one that the model does
   *     not have
   */
  public List<Projection> adapted(List<Projection> projections) {
    List<String> targets = shared("lora", in -> in.texts("targets", LoraTargets.DEFAULT.names()));
    return new LoraTargets(targets).of(projections);
  }

  /** The values of section {@code name}, by the rest of their keys; empty where there is none. */
  SortedMap<String, Object> get(String name) {
    return sections.getOrDefault(name, new TreeMap<>());
  }

  private void put(String key, Object value) {
    int end = key.startsWith(OWN + ".") ? OWN.length() : key.lastIndexOf('.');
    if (end < 0) {
      throw new IllegalArgumentException("The key " + key + " has no section");
    }
    sections
        .computeIfAbsent(key.substring(0, end), name -> new TreeMap<>())
        .put(key.substring(end + 1), value);
  }
}
