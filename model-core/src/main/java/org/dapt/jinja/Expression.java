package org.dapt.jinja;

/** What has a value. */
@FunctionalInterface
interface Expression {
  /** The value in {@code scope}, as {@link Values} knows them. */
  Object value(Scope scope);
}
