package org.dapt.config.read;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.dapt.data.reader.TaskFolder;
import org.dapt.error.ConfigException;
import org.dapt.error.Shown;

/** Reads names of tasks: a list, or a text that has commas between them. */
public record TaskNames(CheckedValues values) {
  /** The names in their order, each the possible name of a folder, none twice. */
  List<String> read(String key) {
    var value = values.find(key).orElse(null);
    if (value == null) {
      return List.of();
    }
    var names = texts(value);
    if (names == null) {
      values.mismatch(key, value, "a list of task names");
      return List.of();
    }
    var seen = new HashSet<String>();
    for (var name : names) {
      try {
        TaskFolder.checkName(name);
      } catch (ConfigException e) {
        values.fail(
            key,
            ("%s has the name '%s' (%s), expected names of folders below tasks.root, without / \\"
                    + " or : and not starting with a dot or an underscore.")
                .formatted(key, Shown.of(name), Origins.where(value.origin())));
      }
      if (!seen.add(name)) {
        values.fail(
            key,
            "%s has the name '%s' twice (%s), expected each task once."
                .formatted(key, Shown.of(name), Origins.where(value.origin())));
      }
    }
    return names;
  }

  /** A list, or a text with commas, as texts; null where it is neither. */
  static List<String> texts(ConfigValue value) {
    if (value instanceof ConfigList list) {
      return list.stream().allMatch(CheckedValues::isScalar)
          ? list.stream().map(CheckedValues::text).toList()
          : null;
    }
    if (!CheckedValues.isScalar(value)) {
      return null;
    }
    var text = CheckedValues.text(value);
    return text.isBlank()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
  }
}
