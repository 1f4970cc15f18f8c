package org.dapt.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads expressions, with the precedence of Jinja2. */
final class ExpressionParser {
  private static final Set<String> COMPARING = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final PostfixParser postfixes;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    postfixes = new PostfixParser(tokens, this);
  }

  /** One with {@code if} and {@code else}. */
  Expression expression() {
    tokens.enter();
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression first = value;
      Expression condition = or();
      Expression otherwise =
          tokens.skipName("else") ? expression() : scope -> new Undefined("a value without else");
      value =
          scope ->
              Values.isTrue(condition.value(scope)) ? first.value(scope) : otherwise.value(scope);
    }
    tokens.leave();
    return value;
  }

  /** One, or several with commas between them as a tuple; without {@code if}. */
  Expression withoutCondition() {
    return tuple(true);
  }

  /** The same with {@code if}. */
  Expression withCommas() {
    return tuple(false);
  }

  private Expression tuple(boolean bare) {
    Expression first = bare ? or() : expression();
    if (!tokens.current().isOperator(",")) {
      return first;
    }
    List<Expression> elements = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",")) {
      if (ends()) {
        break;
      }
      elements.add(bare ? or() : expression());
    }
    return list(elements);
  }

  private boolean ends() {
    Token token = tokens.current();
    return token.kind() == Token.Kind.BLOCK_END
        || token.kind() == Token.Kind.VARIABLE_END
        || token.isOperator(")");
  }

  private static Expression list(List<Expression> elements) {
    return scope -> {
      List<Object> values = new ArrayList<>();
      elements.forEach(element -> values.add(element.value(scope)));
      return values;
    };
  }

  Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      Expression first = left;
      Expression second = and();
      left =
          scope -> {
            Object value = first.value(scope);
            return Values.isTrue(value) ? value : second.value(scope);
          };
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      Expression first = left;
      Expression second = not();
      left =
          scope -> {
            Object value = first.value(scope);
            return Values.isTrue(value) ? second.value(scope) : value;
          };
    }
    return left;
  }

  private Expression not() {
    if (!tokens.skipName("not")) {
      return comparison();
    }
    tokens.enter();
    Expression operand = not();
    tokens.leave();
    return scope -> !Values.isTrue(operand.value(scope));
  }

  private Expression comparison() {
    Expression left = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> operands = new ArrayList<>();
    for (String operator = comparing(); operator != null; operator = comparing()) {
      operators.add(operator);
      operands.add(sum());
    }
    if (operators.isEmpty()) {
      return left;
    }
    return scope -> {
      Object one = left.value(scope);
      for (int i = 0; i < operators.size(); i++) {
        Object other = operands.get(i).value(scope);
        if (!Operators.compares(operators.get(i), one, other)) {
          return false;
        }
        one = other;
      }
      return true;
    };
  }

  private String comparing() {
    Token token = tokens.current();
    if (token.kind() == Token.Kind.OPERATOR && COMPARING.contains(token.text())) {
      return tokens.next().text();
    }
    if (tokens.skipName("in")) {
      return "in";
    }
    if (token.isName("not") && tokens.ahead().isName("in")) {
      tokens.next();
      tokens.next();
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    Expression left = joined();
    while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
      left = arithmetic(tokens.next().text(), left, joined());
    }
    return left;
  }

  private static Expression arithmetic(String operator, Expression one, Expression other) {
    return scope -> {
      scope.budget().step();
      return Operators.arithmetic(operator, one.value(scope), other.value(scope), scope.budget());
    };
  }

  private Expression joined() {
    Expression left = product();
    while (tokens.skipOperator("~")) {
      Expression first = left;
      Expression second = product();
      left =
          scope ->
              scope
                  .budget()
                  .made(Written.text(first.value(scope)) + Written.text(second.value(scope)));
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (Set.of("*", "/", "//", "%").contains(tokens.current().text())
        && tokens.current().kind() == Token.Kind.OPERATOR) {
      left = arithmetic(tokens.next().text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      left = arithmetic("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    tokens.enter();
    Expression value;
    if (tokens.skipOperator("-")) {
      Expression operand = unary(false);
      value = scope -> Operators.negative(operand.value(scope));
    } else if (tokens.skipOperator("+")) {
      Expression operand = unary(false);
      value = operand;
    } else {
      value = new PrimaryParser(tokens, this).primary();
    }
    value = postfixes.members(value);
    tokens.leave();
    return withFilters ? postfixes.filtered(value) : value;
  }

  /** The filter whose name comes next. */
  Expression filter(Expression value) {
    return postfixes.filter(value);
  }
}
