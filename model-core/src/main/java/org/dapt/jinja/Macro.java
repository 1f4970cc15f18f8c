package org.dapt.jinja;

import java.util.List;
import java.util.Map;

/**
 * A macro.
 *
 * @param defaults of its parameters, null for those that have none
 * @param around where it was defined
 */
record Macro(
    String name, List<String> parameters, List<Expression> defaults, Statement body, Scope around)
    implements Callable {
  @Override
  public Object call(Scope scope, List<Object> arguments, Map<String, Object> named) {
    if (arguments.size() > parameters.size() || !parameters.containsAll(named.keySet())) {
      throw new JinjaException(
          "the macro %s has only the parameters %s".formatted(name, String.join(", ", parameters)));
    }
    Scope inner = around.inner();
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameters.get(i);
      Object value = i < arguments.size() ? arguments.get(i) : named.get(parameter);
      if (value == null) {
        value =
            defaults.get(i) == null
                ? new Undefined("the parameter '%s'".formatted(parameter))
                : defaults.get(i).value(inner);
      }
      inner.set(parameter, value);
    }
    scope.budget().enter();
    try {
      StringBuilder out = new StringBuilder();
      body.run(inner, out);
      return out.toString();
    } finally {
      scope.budget().leave();
    }
  }

  /** What {@code body} writes. */
  static Expression text(Statement body) {
    return scope -> {
      StringBuilder out = new StringBuilder();
      body.run(scope.inner(), out);
      return out.toString();
    };
  }
}
