package org.dapt.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/** Texts cut into pieces and put together again, as Python does it. */
final class Splitting {
  /** What Python takes for one. */
  private static final Pattern LINE_END = Pattern.compile("\\R|[\\x1c-\\x1e]");

  private Splitting() {}

  /**
   * {@code str.split} and {@code str.rsplit}.
   *
   * @param separator null for white space
   * @param most cuts; negative for all
   */
  static List<Object> split(String text, String separator, long most, boolean fromEnd) {
    if (separator != null && separator.isEmpty()) {
      throw new JinjaException("an empty separator cannot split a text");
    }
    List<Object> parts = new ArrayList<>();
    String rest = separator == null ? side(text, fromEnd) : text;
    while (most < 0 || parts.size() < most) {
      int[] cut = separator == null ? space(rest, fromEnd) : cut(rest, separator, fromEnd);
      if (cut == null) {
        break;
      }
      parts.add(fromEnd ? rest.substring(cut[1]) : rest.substring(0, cut[0]));
      rest = fromEnd ? rest.substring(0, cut[0]) : rest.substring(cut[1]);
    }
    if (separator != null || !rest.isEmpty()) {
      parts.add(rest);
    }
    if (fromEnd) {
      Collections.reverse(parts);
    }
    if (separator == null && !parts.isEmpty()) {
      // What no cut divides may still have white space at its far side.
      int far = fromEnd ? 0 : parts.size() - 1;
      String last = (String) parts.get(far);
      if (most < 0) {
        parts.set(far, fromEnd ? Texts.stripStart(last) : Texts.stripEnd(last));
      }
      if (((String) parts.get(far)).isEmpty()) {
        parts.remove(far);
      }
    }
    return parts;
  }

  private static String side(String text, boolean fromEnd) {
    return fromEnd ? Texts.stripEnd(text) : Texts.stripStart(text);
  }

  private static int[] cut(String text, String separator, boolean fromEnd) {
    int at = fromEnd ? text.lastIndexOf(separator) : text.indexOf(separator);
    return at < 0 ? null : new int[] {at, at + separator.length()};
  }

  private static int[] space(String text, boolean fromEnd) {
    int at = fromEnd ? text.length() - 1 : 0;
    int step = fromEnd ? -1 : 1;
    while (at >= 0 && at < text.length() && !Texts.isSpace(text.charAt(at))) {
      at += step;
    }
    if (at < 0 || at >= text.length()) {
      return null;
    }
    int end = at;
    while (end >= 0 && end < text.length() && Texts.isSpace(text.charAt(end))) {
      end += step;
    }
    return fromEnd ? new int[] {end + 1, at + 1} : new int[] {at, end};
  }

  /** {@code str.splitlines}. */
  static List<Object> lines(String text) {
    List<Object> lines = new ArrayList<>(List.of(LINE_END.split(text, -1)));
    int last = lines.size() - 1;
    if (lines.get(last).equals("")) {
      lines.remove(last);
    }
    return lines;
  }

  /** {@code str.replace}; {@code most} replacements, all where it is negative. */
  static String replaced(String text, String old, String with, long most, Budget budget) {
    StringBuilder replaced = new StringBuilder();
    int at = 0;
    long count = 0;
    while (at <= text.length() && (most < 0 || count < most)) {
      int next = text.indexOf(old, at);
      if (next < 0 || (old.isEmpty() && next > text.length())) {
        break;
      }
      budget.characters((long) next - at + with.length());
      replaced.append(text, at, next).append(with);
      count++;
      if (old.isEmpty()) {
        if (next < text.length()) {
          replaced.append(text.charAt(next));
        }
        at = next + 1;
      } else {
        at = next + old.length();
      }
    }
    return at < text.length()
        ? replaced.append(text, at, text.length()).toString()
        : replaced.toString();
  }

  static String joined(String separator, List<Object> parts, Budget budget) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      String part = Values.text(parts.get(i));
      budget.characters((long) part.length() + separator.length());
      joined.append(i == 0 ? "" : separator).append(part);
    }
    return joined.toString();
  }

  static long count(String text, String part) {
    if (part.isEmpty()) {
      return text.codePointCount(0, text.length()) + 1L;
    }
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }

  static List<Object> parted(String text, String separator, int at) {
    return at < 0
        ? List.of(text, "", "")
        : List.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }

  static List<Object> partedLast(String text, String separator, int at) {
    return at < 0 ? List.of("", "", text) : parted(text, separator, at);
  }
}
