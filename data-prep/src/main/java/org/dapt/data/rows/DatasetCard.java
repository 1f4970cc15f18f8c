package org.dapt.data.rows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dapt.error.Shown;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of labels in the head of a dataset's {@value #FILE}, as the hub writes it: YAML between
 * two lines of hyphens, of which only these few lines are looked at.
 */
final class DatasetCard {
  /** Name of the file. */
  static final String FILE = "README.md";

  private static final String EDGE = "---";
  private static final Logger LOG = LoggerFactory.getLogger(DatasetCard.class);
  private static final Pattern CONFIGURATION = Pattern.compile("\\s*-? ?config_name: (.+)");
  private static final Pattern FEATURE = Pattern.compile("\\s*- name: (.+)");
  private static final Pattern LABEL = Pattern.compile("\\s*['\"]?(\\d+)['\"]?: (.+)");

  private DatasetCard() {}

  /**
   * The names of labels by feature; none where the file has no such head, or nobody knows which of
   * several configurations is meant.
   *
   * @param folders names of those that a table lies in, from the nearest on: a configuration may be
   *     called like one
   * @param shown how the card is named in messages
   */
  static Map<String, List<String>> labels(InputStream card, List<String> folders, String shown)
      throws IOException {
    Map<String, Map<String, List<String>>> configurations = configurations(card);
    for (String folder : folders) {
      if (configurations.containsKey(folder)) {
        return configurations.get(folder);
      }
    }
    Map<String, List<String>> labels = new HashMap<>();
    for (Map<String, List<String>> own : configurations.values()) {
      for (Map.Entry<String, List<String>> label : own.entrySet()) {
        List<String> other = labels.putIfAbsent(label.getKey(), label.getValue());
        if (other != null && !other.equals(label.getValue())) {
          LOG.warn(
              "{} has different names of the labels {} in its configurations {}, and no folder of"
                  + " the table is called like one: its labels stay numbers. Call the folder like"
                  + " its configuration",
              shown,
              Shown.of(label.getKey()),
              Shown.of(String.join(", ", configurations.keySet())));
          return Map.of();
        }
      }
    }
    return labels;
  }

  /** The names of labels of each configuration, of which one without a name is called "". */
  private static Map<String, Map<String, List<String>>> configurations(InputStream card)
      throws IOException {
    Map<String, Map<String, List<String>>> configurations = new LinkedHashMap<>();
    Map<String, List<String>> labels = new HashMap<>();
    BufferedReader lines = new BufferedReader(new InputStreamReader(card, StandardCharsets.UTF_8));
    String feature = null;
    List<String> names = null;
    String line = lines.readLine();
    if (!EDGE.equals(line)) {
      return configurations;
    }
    configurations.put("", labels);
    for (line = lines.readLine(); line != null && !line.equals(EDGE); line = lines.readLine()) {
      Matcher label = LABEL.matcher(line);
      Matcher named = FEATURE.matcher(line);
      Matcher configuration = CONFIGURATION.matcher(line);
      if (configuration.matches()) {
        labels =
            configurations.computeIfAbsent(bare(configuration.group(1)), any -> new HashMap<>());
        feature = null;
        names = null;
      } else if (names != null && label.matches()) {
        names.add(bare(label.group(2)));
      } else if (named.matches()) {
        feature = bare(named.group(1));
        names = null;
      } else if (feature != null && line.strip().equals("class_label:")) {
        names = new ArrayList<>();
        labels.put(feature, names);
      } else if (!line.strip().equals("names:")) {
        names = null;
      }
    }
    configurations.values().forEach(own -> own.values().removeIf(List::isEmpty));
    // Of what stands in front of the first name there may be nothing.
    configurations.remove("", Map.of());
    return configurations;
  }

  private static String bare(String text) {
    String stripped = text.strip();
    boolean quoted =
        stripped.length() > 1
            && (stripped.charAt(0) == '\'' || stripped.charAt(0) == '"')
            && stripped.charAt(stripped.length() - 1) == stripped.charAt(0);
    return quoted ? stripped.substring(1, stripped.length() - 1) : stripped;
  }
}
