package org.dapt.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.dapt.error.Shown;

/**
 * What was found at a path.
 *
 * @param path where it lies
 * @param kind what it is, in two or three words
 * @param facts by name, in the order in which they are shown: texts, numbers, lists of texts, and
 *     lists of facts by name
 */
public record Inspection(String path, String kind, Map<String, Object> facts) {
  private static final int KIB = 1024;

  /** One JSON object: {@code format}, {@code path}, {@code kind} and the facts. */
  public String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("format", "1");
    all.put("path", path);
    all.put("kind", kind);
    all.putAll(facts);
    try {
      return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("plain values are always writable", e);
    }
  }

  /** A heading and one line per fact. */
  public String text() {
    StringBuilder text = new StringBuilder(kind).append(" at ").append(path).append('\n');
    int widest = facts.keySet().stream().mapToInt(String::length).max().orElse(0);
    facts.forEach(
        (name, value) -> {
          text.append("  ").append(words(name));
          if (value instanceof List<?> list) {
            text.append(list.isEmpty() ? ": none\n" : "\n");
            list.forEach(entry -> text.append("    ").append(line(entry)).append('\n'));
          } else {
            text.append(" ".repeat(widest - name.length() + 2))
                .append(shown(name, value))
                .append('\n');
          }
        });
    return text.toString();
  }

  private static String line(Object entry) {
    if (!(entry instanceof Map<?, ?> map)) {
      return Shown.of(entry);
    }
    return map.entrySet().stream()
        .map(
            fact -> {
              String name = String.valueOf(fact.getKey());
              String value = shown(name, fact.getValue());
              return name.equals("name") || name.equals("state")
                  ? value
                  : words(name) + " " + value;
            })
        .collect(Collectors.joining(", "));
  }

  private static String words(String name) {
    // Sizes are shown with a unit of their own.
    return name.replace('_', ' ').replaceFirst("^bytes$", "size").replaceFirst(" bytes$", " size");
  }

  private static String shown(String name, Object value) {
    if (name.equals("bytes") || name.endsWith("_bytes")) {
      return size(((Number) value).longValue());
    }
    if (value instanceof Long || value instanceof Integer) {
      return String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
    }
    if (value instanceof Double number) {
      return String.format(Locale.ROOT, "%.4g", number);
    }
    return Shown.line(String.valueOf(value));
  }

  /** A number of bytes with a unit that fits. */
  static String size(long bytes) {
    if (bytes < KIB) {
      return bytes + " B";
    }
    double value = bytes;
    String unit = "B";
    for (String larger : List.of("KiB", "MiB", "GiB", "TiB")) {
      if (value < KIB) {
        break;
      }
      value /= KIB;
      unit = larger;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, unit);
  }
}
