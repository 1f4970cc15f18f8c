package org.dapt.jinja;

import java.util.function.IntPredicate;

/** Python's notions of texts. */
final class Texts {
  private Texts() {}

  /** What {@code str.isspace} takes for white space. */
  static boolean isSpace(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == 0x85;
  }

  static String strip(String text) {
    return stripStart(stripEnd(text));
  }

  static String stripEnd(String text) {
    return stripEnd(text, Texts::isSpace);
  }

  static String stripStart(String text) {
    return stripStart(text, Texts::isSpace);
  }

  static String stripEnd(String text, IntPredicate unwanted) {
    int end = text.length();
    while (end > 0 && unwanted.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(0, end);
  }

  static String stripStart(String text, IntPredicate unwanted) {
    int start = 0;
    while (start < text.length() && unwanted.test(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    return text.substring(start);
  }

  /** {@code text} with a capital first letter and small ones behind it. */
  static String capitalised(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(java.util.Locale.ROOT)
        + text.substring(first).toLowerCase(java.util.Locale.ROOT);
  }

  /** {@code text} with a capital letter behind everything that is no letter. */
  static String titled(String text) {
    StringBuilder titled = new StringBuilder();
    boolean inWord = false;
    for (int point : text.codePoints().toArray()) {
      titled.appendCodePoint(inWord ? Character.toLowerCase(point) : Character.toTitleCase(point));
      inWord = Character.isLetter(point);
    }
    return titled.toString();
  }

  /** As the filter {@code title} has it: a word begins behind space, a hyphen or a bracket. */
  static String titledWords(String text) {
    StringBuilder titled = new StringBuilder();
    boolean inWord = false;
    for (int point : text.codePoints().toArray()) {
      titled.appendCodePoint(inWord ? Character.toLowerCase(point) : Character.toUpperCase(point));
      inWord = !isSpace(point) && "-({[<".indexOf(point) < 0;
    }
    return titled.toString();
  }

  /** The text that a literal with these characters between its quotes stands for. */
  static String unescaped(String literal) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < literal.length()) {
      char next = literal.charAt(at++);
      if (next != '\\' || at == literal.length()) {
        text.append(next);
      } else {
        at = escape(literal, at, text);
      }
    }
    return text.toString();
  }

  /** Reads what is behind a backslash; returns where it ends. */
  private static int escape(String literal, int at, StringBuilder text) {
    char kind = literal.charAt(at);
    switch (kind) {
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'v' -> text.append('\u000b');
      case 'a' -> text.append('\u0007');
      case '\\', '\'', '"' -> text.append(kind);
      case '\n' -> {}
      case 'x' -> {
        return code(literal, at, 2, text);
      }
      case 'u' -> {
        return code(literal, at, 4, text);
      }
      case 'U' -> {
        return code(literal, at, 8, text);
      }
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        int end = at;
        while (end < literal.length()
            && end < at + 3
            && "01234567".indexOf(literal.charAt(end)) >= 0) {
          end++;
        }
        text.append((char) Integer.parseInt(literal.substring(at, end), 8));
        return end;
      }
      default -> text.append('\\').append(kind);
    }
    return at + 1;
  }

  private static int code(String literal, int at, int digits, StringBuilder text) {
    int end = at + 1 + digits;
    try {
      text.appendCodePoint(Integer.parseInt(literal.substring(at + 1, end), 16));
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new JinjaException("the text '%s' has a wrong escape".formatted(literal));
    }
    return end;
  }
}
