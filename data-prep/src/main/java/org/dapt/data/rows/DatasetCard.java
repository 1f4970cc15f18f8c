package org.dapt.data.rows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of labels in the head of a dataset's {@value #FILE}, as the hub writes it: YAML between
 * two lines of hyphens, of which only these few lines are looked at.
 */
final class DatasetCard {
  /** Name of the file. */
  static final String FILE = "README.md";

  private static final String EDGE = "---";
  private static final Pattern FEATURE = Pattern.compile("\\s*- name: (.+)");
  private static final Pattern LABEL = Pattern.compile("\\s*['\"]?(\\d+)['\"]?: (.+)");

  private DatasetCard() {}

  /** The names of labels by feature; none where the file has no such head. */
  static Map<String, List<String>> labels(InputStream card) throws IOException {
    Map<String, List<String>> labels = new HashMap<>();
    BufferedReader lines = new BufferedReader(new InputStreamReader(card, StandardCharsets.UTF_8));
    String feature = null;
    List<String> names = null;
    String line = lines.readLine();
    if (!EDGE.equals(line)) {
      return labels;
    }
    for (line = lines.readLine(); line != null && !line.equals(EDGE); line = lines.readLine()) {
      Matcher label = LABEL.matcher(line);
      Matcher named = FEATURE.matcher(line);
      if (names != null && label.matches()) {
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
    labels.values().removeIf(List::isEmpty);
    return labels;
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
