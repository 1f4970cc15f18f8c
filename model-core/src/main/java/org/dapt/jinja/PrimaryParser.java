package org.dapt.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads names, literals and what is in brackets. */
record PrimaryParser(TokenStream tokens, ExpressionParser expressions) {
  Expression primary() {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> name(token.text());
      case STRING -> texts(token.text());
      case INTEGER -> {
        long value = whole(token);
        yield scope -> value;
      }
      case FLOAT -> {
        double value = Double.parseDouble(token.text());
        yield scope -> value;
      }
      case OPERATOR -> bracket(token);
      default ->
          throw JinjaException.at(
              token.line(), "found %s, expected an expression".formatted(token.shown()));
    };
  }

  /** The number that {@code token} is. */
  static long whole(Token token) {
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw JinjaException.at(token.line(), token.text() + " is too large a number");
    }
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> scope -> true;
      case "false", "False" -> scope -> false;
      case "none", "None" -> scope -> None.NONE;
      default -> scope -> scope.get(name);
    };
  }

  /** Texts one behind the other are one. */
  private Expression texts(String first) {
    StringBuilder text = new StringBuilder(first);
    while (tokens.current().kind() == Token.Kind.STRING) {
      text.append(tokens.next().text());
    }
    String whole = text.toString();
    return scope -> whole;
  }

  private Expression bracket(Token token) {
    return switch (token.text()) {
      case "(" -> parenthesis();
      case "[" -> list();
      case "{" -> mapping();
      default ->
          throw JinjaException.at(
              token.line(), "found %s, expected an expression".formatted(token.shown()));
    };
  }

  private Expression parenthesis() {
    if (tokens.skipOperator(")")) {
      return scope -> List.of();
    }
    Expression value = expressions.withCommas();
    tokens.expectOperator(")");
    return value;
  }

  private Expression list() {
    List<Expression> elements = new ArrayList<>();
    while (!tokens.skipOperator("]")) {
      elements.add(expressions.expression());
      if (!tokens.current().isOperator("]")) {
        tokens.expectOperator(",");
      }
    }
    return scope -> {
      List<Object> values = new ArrayList<>();
      elements.forEach(element -> values.add(element.value(scope)));
      return values;
    };
  }

  private Expression mapping() {
    Map<Expression, Expression> entries = new LinkedHashMap<>();
    while (!tokens.skipOperator("}")) {
      Expression key = expressions.expression();
      tokens.expectOperator(":");
      entries.put(key, expressions.expression());
      if (!tokens.current().isOperator("}")) {
        tokens.expectOperator(",");
      }
    }
    return scope -> {
      Map<Object, Object> values = new LinkedHashMap<>();
      entries.forEach((key, value) -> values.put(key.value(scope), value.value(scope)));
      return values;
    };
  }
}
