package org.dapt.config;

import com.typesafe.config.ConfigObject;
import java.util.Map;
import java.util.SortedMap;
import org.dapt.config.read.CheckedValues;
import org.dapt.config.read.Origins;
import org.dapt.config.read.Reference;
import org.dapt.error.NearestNames;
import org.dapt.method.ContinualMethod;
import org.dapt.method.OptionReader;

/** Lets a method read the section of its own options, and reports what it cannot take. */
record OwnOptions(CheckedValues values) {
  /** The options of {@code method} with their values; what is wrong with them is a problem. */
  SortedMap<String, Object> read(ContinualMethod method) {
    // A section that is a mere value is reported with the other unknown keys.
    var section = values.section(Reference.METHOD_OPTIONS).orElse(null);
    var in = new OptionReader(section == null ? Map.of() : section.unwrapped());
    method.readOptions(in);
    in.problems().forEach((name, expected) -> report(section, method, name, expected));
    for (var name : in.unknown()) {
      var known =
          in.known().stream()
              .min(NearestNames.to(name))
              .map(nearest -> "the nearest is " + nearest)
              .orElse("it has none");
      values.fail(
          key(name),
          "%s is not an option of %s (%s); %s."
              .formatted(
                  key(name), method.name(), Origins.where(section.get(name).origin()), known));
    }
    return in.values();
  }

  private void report(ConfigObject section, ContinualMethod method, String name, String expected) {
    var value = section == null ? null : section.get(name);
    if (value == null || value.unwrapped() == null) {
      values.fail(
          key(name),
          "%s is not set, and %s needs it: expected %s."
              .formatted(key(name), method.name(), expected));
    } else {
      values.mismatch(key(name), value, expected);
    }
  }

  private static String key(String name) {
    return Reference.METHOD_OPTIONS + "." + name;
  }
}
