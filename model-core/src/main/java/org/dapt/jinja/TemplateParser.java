package org.dapt.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the statements of a template. */
final class TemplateParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int loops;

  private TemplateParser(TokenStream tokens) {
    this.tokens = tokens;
    expressions = new ExpressionParser(tokens);
  }

  /** The whole of a template. */
  static Statement parse(String source) {
    TemplateParser parser = new TemplateParser(new TokenStream(Lexer.tokens(source)));
    Statement all = parser.body(Set.of());
    parser.tokens.expect(Token.Kind.END, "the end of the template");
    return all;
  }

  /** What stands before a tag with one of the names {@code ends}, at whose name it stops. */
  private Statement body(Set<String> ends) {
    tokens.enter();
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = tokens.current();
      if (token.kind() == Token.Kind.DATA) {
        String text = tokens.next().text();
        statements.add(write(scope -> text));
      } else if (token.kind() == Token.Kind.VARIABLE_BEGIN) {
        tokens.next();
        statements.add(write(expressions.withCommas()));
        tokens.expect(Token.Kind.VARIABLE_END, "}}");
      } else if (token.kind() == Token.Kind.BLOCK_BEGIN) {
        tokens.next();
        if (ends.contains(tokens.current().text())) {
          break;
        }
        statements.add(statement());
      } else if (ends.isEmpty()) {
        break;
      } else {
        throw tokens.unexpected("{% " + String.join(" or ", ends.stream().sorted().toList()));
      }
    }
    tokens.leave();
    return Statement.all(statements);
  }

  private static Statement write(Expression value) {
    return (scope, out) -> {
      out.append(scope.budget().made(Written.text(value.value(scope))));
      return Statement.Next.STATEMENT;
    };
  }

  private Statement statement() {
    Token tag = tokens.expect(Token.Kind.NAME, "a statement");
    return switch (tag.text()) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> assignment();
      case "macro" -> macro();
      case "filter" -> filtered();
      case "generation" -> {
        endOfTag();
        Statement body = body(Set.of("endgeneration"));
        closed();
        yield body;
      }
      case "break", "continue" -> {
        if (loops == 0) {
          throw JinjaException.at(tag.line(), tag.text() + " is outside of a loop");
        }
        endOfTag();
        Statement.Next next =
            tag.text().equals("break") ? Statement.Next.BREAK : Statement.Next.CONTINUE;
        yield (scope, out) -> next;
      }
      default ->
          throw JinjaException.at(
              tag.line(), "the statement %s is not supported".formatted(tag.text()));
    };
  }

  private void endOfTag() {
    tokens.expect(Token.Kind.BLOCK_END, "%}");
  }

  /** Passes over the name of the tag that ends a body, and the tag's end. */
  private void closed() {
    tokens.next();
    endOfTag();
  }

  private Statement condition() {
    Expression test = expressions.withCommas();
    endOfTag();
    Statement body = body(Set.of("elif", "else", "endif"));
    String end = tokens.next().text();
    Statement otherwise;
    if (end.equals("elif")) {
      tokens.enter();
      otherwise = condition();
      tokens.leave();
    } else {
      endOfTag();
      otherwise = Statement.all(List.of());
      if (end.equals("else")) {
        otherwise = body(Set.of("endif"));
        closed();
      }
    }
    Statement second = otherwise;
    return (scope, out) ->
        Values.isTrue(test.value(scope)) ? body.run(scope, out) : second.run(scope, out);
  }

  private Statement loop() {
    ForLoop.Target target = target();
    if (!tokens.skipName("in")) {
      throw tokens.unexpected("in");
    }
    Expression elements = expressions.withoutCondition();
    Expression filter = tokens.skipName("if") ? expressions.expression() : null;
    if (tokens.current().isName("recursive")) {
      throw tokens.failure("a recursive loop is not supported");
    }
    endOfTag();
    loops++;
    Statement body = body(Set.of("else", "endfor"));
    loops--;
    Statement otherwise = Statement.all(List.of());
    if (tokens.current().isName("else")) {
      closed();
      otherwise = body(Set.of("endfor"));
    }
    closed();
    return new ForLoop(target, elements, filter, body, otherwise);
  }

  private ForLoop.Target target() {
    List<String> names = new ArrayList<>();
    boolean bracketed = tokens.skipOperator("(");
    do {
      names.add(tokens.expect(Token.Kind.NAME, "the name of a variable").text());
    } while (tokens.skipOperator(","));
    if (bracketed) {
      tokens.expectOperator(")");
    }
    return new ForLoop.Target(names);
  }

  private Statement assignment() {
    if (tokens.ahead().isOperator(".")) {
      String namespace = tokens.next().text();
      tokens.next();
      String name = tokens.expect(Token.Kind.NAME, "the name of an attribute").text();
      tokens.expectOperator("=");
      Expression value = expressions.withCommas();
      endOfTag();
      return (scope, out) -> {
        if (!(scope.get(namespace) instanceof Values.Namespace values)) {
          throw new JinjaException(
              "%s is no namespace, so that its %s cannot be set".formatted(namespace, name));
        }
        values.set(name, value.value(scope));
        return Statement.Next.STATEMENT;
      };
    }
    ForLoop.Target target = target();
    if (tokens.skipOperator("=")) {
      Expression value = expressions.withCommas();
      endOfTag();
      return (scope, out) -> {
        target.set(scope, value.value(scope));
        return Statement.Next.STATEMENT;
      };
    }
    Expression[] written = {scope -> null};
    Expression value = scope -> written[0].value(scope);
    while (tokens.skipOperator("|")) {
      value = expressions.filter(value);
    }
    endOfTag();
    Statement body = body(Set.of("endset"));
    closed();
    written[0] = Macro.text(body);
    Expression filtered = value;
    return (scope, out) -> {
      target.set(scope, filtered.value(scope));
      return Statement.Next.STATEMENT;
    };
  }

  private Statement filtered() {
    Expression[] written = {scope -> null};
    Expression value = expressions.filter(scope -> written[0].value(scope));
    while (tokens.skipOperator("|")) {
      value = expressions.filter(value);
    }
    endOfTag();
    Statement body = body(Set.of("endfilter"));
    closed();
    written[0] = Macro.text(body);
    return write(value);
  }

  private Statement macro() {
    String name = tokens.expect(Token.Kind.NAME, "the name of a macro").text();
    tokens.expectOperator("(");
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    while (!tokens.skipOperator(")")) {
      parameters.add(tokens.expect(Token.Kind.NAME, "the name of a parameter").text());
      defaults.add(tokens.skipOperator("=") ? expressions.expression() : null);
      if (!tokens.current().isOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    endOfTag();
    int around = loops;
    loops = 0;
    Statement body = body(Set.of("endmacro"));
    loops = around;
    closed();
    return (scope, out) -> {
      scope.set(name, new Macro(name, parameters, defaults, body, scope));
      return Statement.Next.STATEMENT;
    };
  }
}
