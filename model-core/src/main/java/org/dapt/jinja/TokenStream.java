package org.dapt.jinja;

import java.util.List;

/** The tokens of a template, one after the other. */
final class TokenStream {
  private static final int DEEPEST = 200;

  private final List<Token> tokens;
  private int at;
  private int depth;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  Token ahead() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  /** Goes on if the current token is this operator. */
  boolean skipOperator(String operator) {
    boolean is = current().isOperator(operator);
    if (is) {
      next();
    }
    return is;
  }

  /** Goes on if the current token is this name. */
  boolean skipName(String name) {
    boolean is = current().isName(name);
    if (is) {
      next();
    }
    return is;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  Token expect(Token.Kind kind, String what) {
    if (current().kind() != kind) {
      throw unexpected(what);
    }
    return next();
  }

  JinjaException unexpected(String expected) {
    return failure("found %s, expected %s".formatted(current().shown(), expected));
  }

  JinjaException failure(String problem) {
    return JinjaException.at(current().line(), problem);
  }

  /** Enters a construct that may hold others of its kind. */
  void enter() {
    if (++depth > DEEPEST) {
      throw failure("it is nested more than %d deep".formatted(DEEPEST));
    }
  }

  void leave() {
    depth--;
  }
}
