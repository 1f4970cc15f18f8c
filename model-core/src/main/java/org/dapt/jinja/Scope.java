package org.dapt.jinja;

import java.util.HashMap;
import java.util.Map;

/** Names and their values; what is set in an inner scope is not known outside. */
final class Scope {
  private final Scope outer;
  private final Budget budget;
  private final Map<String, Object> values = new HashMap<>();

  private Scope(Scope outer, Budget budget) {
    this.outer = outer;
    this.budget = budget;
  }

  /** An outermost one. */
  static Scope of(Map<String, Object> values, Budget budget) {
    Scope scope = new Scope(null, budget);
    scope.values.putAll(values);
    return scope;
  }

  Scope inner() {
    return new Scope(this, budget);
  }

  Budget budget() {
    return budget;
  }

  /** The value of {@code name}; {@link Undefined} where it has none. */
  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.values.get(name);
      if (value != null) {
        return value;
      }
    }
    return new Undefined("'%s'".formatted(name));
  }

  void set(String name, Object value) {
    values.put(name, value);
  }
}
