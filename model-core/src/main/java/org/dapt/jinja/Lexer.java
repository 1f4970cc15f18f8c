package org.dapt.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a template into tokens, with the rules of Jinja2 for white space around tags. */
final class Lexer {
  private static final Pattern TAG =
      Pattern.compile(
          "\\{%(?<raw>[-+]?\\s*raw\\s*(?:-%\\}\\s*|%\\}))|\\{(?<kind>[%{#])(?<sign>[-+]?)");
  private static final Pattern END_RAW =
      Pattern.compile("\\{%(?<sign>[-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final Pattern END_COMMENT = Pattern.compile("\\+#\\}|-#\\}\\s*|#\\}\\n?");
  private static final Pattern END_BLOCK = Pattern.compile("\\+%\\}|-%\\}\\s*|%\\}\\n?");
  private static final Pattern END_VARIABLE = Pattern.compile("-\\}\\}\\s*|\\}\\}");
  private static final Pattern PART =
      Pattern.compile(
          "(?<space>\\s+)"
              + "|(?<float>\\d+(?:_\\d+)*(?:\\.\\d+(?:_\\d+)*(?:[eE][+-]?\\d+)?|[eE][+-]?\\d+))"
              + "|(?<integer>\\d+(?:_\\d+)*)"
              + "|(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)"
              + "|(?<string>'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\")"
              + "|(?<operator>//|\\*\\*|==|!=|>=|<=|[-+*/%~\\[\\]().,:|={}<>;])",
          Pattern.DOTALL);

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int counted;

  private Lexer(String source) {
    this.source = source;
  }

  /** The tokens of {@code template}, the last of which is the end. */
  static List<Token> tokens(String template) {
    String lines = template.replace("\r\n", "\n").replace('\r', '\n');
    // As Jinja2 does: one line break at the end is not part of it.
    Lexer lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    Matcher tag = TAG.matcher(source);
    boolean lineStarts = true;
    while (tag.find(at)) {
      boolean raw = tag.group("raw") != null;
      String sign = raw ? sign(tag.group("raw")) : tag.group("sign");
      boolean variable = !raw && tag.group("kind").equals("{");
      data(before(source.substring(at, tag.start()), sign, variable, lineStarts));
      at = tag.end();
      if (raw) {
        readRaw();
      } else if (tag.group("kind").equals("#")) {
        skipTo(END_COMMENT, "a comment is not closed by #}");
      } else {
        inside(variable);
      }
      lineStarts = at > 0 && source.charAt(at - 1) == '\n';
    }
    data(source.substring(at));
    at = source.length();
    add(Token.Kind.END, "");
  }

  private static String sign(String raw) {
    return raw.startsWith("-") ? "-" : raw.startsWith("+") ? "+" : "";
  }

  private static String before(String text, String sign, boolean variable, boolean lineStarts) {
    if (sign.equals("-")) {
      return Texts.stripEnd(text);
    }
    if (sign.equals("+") || variable) {
      return text;
    }
    int start = text.lastIndexOf('\n') + 1;
    boolean bare = text.substring(start).codePoints().allMatch(Texts::isSpace);
    return bare && (start > 0 || lineStarts) ? text.substring(0, start) : text;
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add(Token.Kind.DATA, text);
    }
  }

  private void add(Token.Kind kind, String text) {
    for (; counted < at; counted++) {
      line += source.charAt(counted) == '\n' ? 1 : 0;
    }
    tokens.add(new Token(kind, text, line));
  }

  private void readRaw() {
    Matcher end = END_RAW.matcher(source);
    if (!end.find(at)) {
      throw failure("raw is not closed by endraw");
    }
    data(before(source.substring(at, end.start()), end.group("sign"), false, false));
    at = end.end();
  }

  private void skipTo(Pattern end, String problem) {
    Matcher found = end.matcher(source);
    if (!found.find(at)) {
      throw failure(problem);
    }
    at = found.end();
  }

  private void inside(boolean variable) {
    add(variable ? Token.Kind.VARIABLE_BEGIN : Token.Kind.BLOCK_BEGIN, "");
    Matcher end = (variable ? END_VARIABLE : END_BLOCK).matcher(source);
    Matcher part = PART.matcher(source);
    int depth = 0;
    while (at < source.length()) {
      // Within brackets a brace closes a dictionary.
      if (depth == 0 && end.region(at, source.length()).lookingAt()) {
        add(variable ? Token.Kind.VARIABLE_END : Token.Kind.BLOCK_END, "");
        at = end.end();
        return;
      }
      if (!part.region(at, source.length()).lookingAt()) {
        throw failure("'%s' is not understood".formatted(source.charAt(at)));
      }
      depth = take(part, depth);
      at = part.end();
    }
    throw failure(variable ? "{{ is not closed by }}" : "{% is not closed by %}");
  }

  private int take(Matcher part, int depth) {
    if (part.group("string") != null) {
      String quoted = part.group("string");
      add(Token.Kind.STRING, Texts.unescaped(quoted.substring(1, quoted.length() - 1)));
    } else if (part.group("name") != null) {
      add(Token.Kind.NAME, part.group("name"));
    } else if (part.group("integer") != null) {
      add(Token.Kind.INTEGER, part.group("integer").replace("_", ""));
    } else if (part.group("float") != null) {
      add(Token.Kind.FLOAT, part.group("float").replace("_", ""));
    } else if (part.group("operator") != null) {
      String operator = part.group("operator");
      add(Token.Kind.OPERATOR, operator);
      return depth
          + ("([{".contains(operator) ? 1 : ")]}".contains(operator) && depth > 0 ? -1 : 0);
    }
    return depth;
  }

  private JinjaException failure(String problem) {
    for (; counted < at; counted++) {
      line += source.charAt(counted) == '\n' ? 1 : 0;
    }
    return JinjaException.at(line, problem);
  }
}
