package org.dapt.jinja;

/**
 * A piece of a template.
 *
 * @param text what it says; of a string what is between the quotes, without escapes
 * @param line where it begins, from 1
 */
record Token(Kind kind, String text, int line) {
  /** What a piece is. */
  enum Kind {
    DATA,
    VARIABLE_BEGIN,
    VARIABLE_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean isOperator(String wanted) {
    return kind == Kind.OPERATOR && text.equals(wanted);
  }

  boolean isName(String wanted) {
    return kind == Kind.NAME && text.equals(wanted);
  }

  /** For messages. */
  String shown() {
    return switch (kind) {
      case END -> "the end of the template";
      case VARIABLE_END -> "}}";
      case BLOCK_END -> "%}";
      default -> "'" + text + "'";
    };
  }
}
