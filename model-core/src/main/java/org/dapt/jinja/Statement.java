package org.dapt.jinja;

import java.util.List;

/** What writes text. */
@FunctionalInterface
interface Statement {
  /** Where to go on behind a statement. */
  enum Next {
    STATEMENT,
    BREAK,
    CONTINUE
  }

  /** Writes to {@code out}. */
  Next run(Scope scope, StringBuilder out);

  /** All of {@code statements}, one after the other. */
  static Statement all(List<Statement> statements) {
    List<Statement> copy = List.copyOf(statements);
    return (scope, out) -> {
      for (Statement statement : copy) {
        scope.budget().step();
        Next next = statement.run(scope, out);
        if (next != Next.STATEMENT) {
          return next;
        }
      }
      return Next.STATEMENT;
    };
  }
}
