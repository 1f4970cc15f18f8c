package org.dapt.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what stands behind a value: attributes, elements, calls, filters and tests. */
record PostfixParser(TokenStream tokens, ExpressionParser expressions) {
  /** What is behind a value: attributes, elements, calls. */
  Expression members(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.skipOperator(".")) {
        value = attribute(value);
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.current().isOperator("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  private Expression attribute(Expression value) {
    if (tokens.current().kind() == Token.Kind.INTEGER) {
      long index = PrimaryParser.whole(tokens.next());
      return scope -> Members.element(value.value(scope), index);
    }
    String name = tokens.expect(Token.Kind.NAME, "the name of an attribute").text();
    return scope -> {
      scope.budget().step();
      return Members.attribute(value.value(scope), name);
    };
  }

  private Expression subscript(Expression value) {
    Expression none = scope -> None.NONE;
    Expression from = tokens.current().isOperator(":") ? none : expressions.expression();
    if (tokens.skipOperator("]")) {
      return scope -> Members.element(value.value(scope), from.value(scope));
    }
    tokens.expectOperator(":");
    Expression to =
        tokens.current().isOperator(":") || tokens.current().isOperator("]")
            ? none
            : expressions.expression();
    Expression step =
        tokens.skipOperator(":") && !tokens.current().isOperator("]")
            ? expressions.expression()
            : none;
    tokens.expectOperator("]");
    return scope ->
        Members.slice(value.value(scope), from.value(scope), to.value(scope), step.value(scope));
  }

  private Expression call(Expression callee) {
    int line = tokens.current().line();
    Arguments.AsStated arguments = arguments();
    return scope -> {
      scope.budget().step();
      Object called = callee.value(scope);
      if (called instanceof Callable function) {
        return function.call(scope, arguments.values(scope), arguments.named(scope));
      }
      throw JinjaException.at(line, Values.kind(called) + " cannot be called");
    };
  }

  /** Filters and tests behind a value. */
  Expression filtered(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter(value);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.current().isOperator("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  /** The filter whose name comes next. */
  Expression filter(Expression value) {
    Token token = tokens.expect(Token.Kind.NAME, "the name of a filter");
    String name = token.text();
    if (!Filters.isKnown(name)) {
      throw JinjaException.at(token.line(), "the filter %s is not supported".formatted(name));
    }
    Arguments.AsStated arguments =
        tokens.current().isOperator("(")
            ? arguments()
            : new Arguments.AsStated(List.of(), Map.of());
    return scope -> {
      scope.budget().step();
      return Filters.apply(
          name,
          value.value(scope),
          new Arguments(name, arguments.values(scope), arguments.named(scope)),
          scope);
    };
  }

  private Expression test(Expression value) {
    boolean negated = tokens.skipName("not");
    Token token = tokens.expect(Token.Kind.NAME, "the name of a test");
    String name = token.text();
    if (!Tests.isKnown(name)) {
      throw JinjaException.at(token.line(), "the test %s is not supported".formatted(name));
    }
    List<Expression> arguments = new ArrayList<>();
    if (tokens.current().isOperator("(")) {
      arguments.addAll(arguments().values());
    } else if (beginsArgument(tokens.current())) {
      arguments.add(members(new PrimaryParser(tokens, expressions).primary()));
    }
    return scope -> {
      List<Object> values = new ArrayList<>();
      arguments.forEach(argument -> values.add(argument.value(scope)));
      return Tests.holds(name, value.value(scope), values) != negated;
    };
  }

  private static boolean beginsArgument(Token token) {
    return switch (token.kind()) {
      case NAME -> !Set.of("else", "or", "and", "is", "if", "in", "not").contains(token.text());
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      default -> false;
    };
  }

  /** Arguments in parentheses. */
  Arguments.AsStated arguments() {
    tokens.expectOperator("(");
    List<Expression> values = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!tokens.skipOperator(")")) {
      if (tokens.current().isOperator("*") || tokens.current().isOperator("**")) {
        throw tokens.failure("arguments with " + tokens.current().shown() + " are not supported");
      }
      if (tokens.current().kind() == Token.Kind.NAME && tokens.ahead().isOperator("=")) {
        String name = tokens.next().text();
        tokens.next();
        named.put(name, expressions.expression());
      } else {
        values.add(expressions.expression());
      }
      if (!tokens.current().isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    return new Arguments.AsStated(values, named);
  }
}
