package org.dapt.config.read;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.dapt.error.NearestNames;
import org.dapt.error.Shown;

/** Finds keys that {@code reference.conf} does not have. */
public record UnknownKeys(Reference reference, Problems problems) {
  /** Reports every unknown key of {@code merged} and every section that is a mere value. */
  public void check(Config merged) {
    Leaves.walk(
        merged.root(),
        path -> {
          var key = ConfigUtil.joinPath(path);
          return reference.keys().containsKey(key) || Reference.isFree(key);
        },
        this::visit);
  }

  private void visit(List<String> path, ConfigValue value) {
    var key = ConfigUtil.joinPath(path);
    var where = Origins.where(value.origin());
    if (reference.isSection(key)) {
      if (value.valueType() != ConfigValueType.OBJECT) {
        problems.add(
            "%s is a value (%s), expected a section: state its keys, as in %s."
                .formatted(key, where, example(key)));
      }
    } else if (!reference.keys().containsKey(key)) {
      problems.add(
          "%s is not a key (%s); the nearest known key is %s."
              .formatted(Shown.of(key), where, nearest(path)));
    }
  }

  private String example(String section) {
    return reference.keys().keySet().stream()
        .filter(key -> key.startsWith(section + "."))
        .findFirst()
        .orElse(section + (section.equals(Reference.SPARK) ? ".master" : ".NAME"));
  }

  private String nearest(List<String> path) {
    var first = path.get(0);
    var last = path.get(path.size() - 1);
    var sections = reference.config().root().keySet();
    var keys = new TreeSet<>(reference.keys().keySet());
    var wanted = Shown.of(String.join(".", path));
    if (path.size() == 1) {
      keys.addAll(sections);
    } else if (!sections.contains(first)) {
      var section = sections.stream().min(NearestNames.to(first)).orElseThrow();
      wanted = section + wanted.substring(first.length());
      if (section.equals(Reference.SPARK)) {
        keys.add(wanted);
      }
    }
    // A right name in a wrong section is nearer than any other.
    return keys.stream()
        .min(
            Comparator.<String, Boolean>comparing(key -> !key.endsWith("." + last))
                .thenComparing(NearestNames.to(wanted)))
        .orElseThrow();
  }
}
