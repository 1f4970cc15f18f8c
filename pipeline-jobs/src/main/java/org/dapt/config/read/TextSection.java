package org.dapt.config.read;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.error.NearestNames;

/** Reads a section of texts, of which some may be stated. */
record TextSection(CheckedValues values) {
  /**
   * What is stated under any keys; a text that is blank is a problem, as all else that is wrong.
   */
  SortedMap<String, String> read(String section) {
    SortedMap<String, String> texts = new TreeMap<>();
    values
        .section(section)
        .ifPresent(
            stated ->
                stated.forEach(
                    (name, value) -> {
                      if (value.valueType() == ConfigValueType.NULL) {
                        return;
                      }
                      String text =
                          CheckedValues.isScalar(value) ? CheckedValues.text(value).strip() : "";
                      if (text.isEmpty()) {
                        values.mismatch(section + "." + ConfigUtil.joinPath(name), value, "a text");
                      }
                      texts.put(name, text);
                    }));
    return texts;
  }

  /** What is stated; what is wrong with it is a problem. */
  SortedMap<String, String> read(String section, List<String> allowed) {
    SortedMap<String, String> texts = new TreeMap<>();
    // A section that is a mere value is reported with the other unknown keys.
    ConfigObject stated = values.section(section).orElse(null);
    if (stated == null) {
      return texts;
    }
    for (Map.Entry<String, ConfigValue> entry : stated.entrySet()) {
      String key = section + "." + entry.getKey();
      if (!allowed.contains(entry.getKey())) {
        values.fail(
            key,
            "%s is not a key (%s); the nearest known key is %s.%s."
                .formatted(
                    key,
                    Origins.where(entry.getValue().origin()),
                    section,
                    allowed.stream().min(NearestNames.to(entry.getKey())).orElseThrow()));
      } else if (!CheckedValues.isScalar(entry.getValue())) {
        values.mismatch(key, entry.getValue(), "the name of a field");
      } else {
        texts.put(entry.getKey(), CheckedValues.text(entry.getValue()));
      }
    }
    return texts;
  }
}
