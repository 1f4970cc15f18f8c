package org.dapt.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.regex.Pattern;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * A {@code rank_pattern} or {@code alpha_pattern} of PEFT: values for some modules, by their names
 * or the ends of their paths. The first name that fits a module counts.
 *
 * @param values by name; null where there are none
 * @param key {@code rank_pattern} or {@code alpha_pattern}
 * @param origin where it came from, for messages
 */
record PeftPattern(JsonNode values, String key, String origin) {
  /** PEFT takes names for regular expressions; of these only what PEFT itself writes is read. */
  private static final Pattern NAME = Pattern.compile("\\^?(?:\\w|\\.|\\\\\\.)+");

  /**
   * Checks names and values.
   *
   * @throws InputException where one is not understood
   */
  void check() {
    for (Map.Entry<String, JsonNode> entry : values.properties()) {
      if (!NAME.matcher(entry.getKey()).matches()) {
        throw new InputException(
            "%s: %s has the name %s; expected paths of modules or their ends, without other signs of regular expressions."
                .formatted(origin, key, Shown.of(entry.getKey())));
      }
      JsonNode value = entry.getValue();
      if (!value.isNumber()
          || !(value.doubleValue() > 0)
          || Double.isInfinite(value.doubleValue())) {
        throw new InputException(
            "%s: a number above 0 is expected at %s of %s, found %s. Write the adapter again."
                .formatted(origin, Shown.of(entry.getKey()), key, Shown.of(value)));
      }
    }
  }

  /** The value of {@code module}, {@code otherwise} where it has none of its own. */
  double of(String module, double otherwise) {
    for (Map.Entry<String, JsonNode> entry : values.properties()) {
      String name = entry.getKey().replace("\\.", ".");
      boolean whole = name.startsWith("^");
      String end = whole ? name.substring(1) : name;
      if (module.equals(end) || (!whole && module.endsWith("." + end))) {
        return entry.getValue().doubleValue();
      }
    }
    return otherwise;
  }
}
